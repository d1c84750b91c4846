// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.HdrHistogram.Histogram;

/** What the disk could do at best with the journal's pattern: writes one behind the other into a file of written zeros. */
public final class DiskProbe {
    private static final int FILE_BYTES = 64 << 20;
    private static final int CHUNK_BYTES = 1 << 20;

    private final Path directory;

    /** @param directory on the disk that is measured */
    public DiskProbe(Path directory) {
        this.directory = directory;
    }

    /** Nanoseconds that one write of {@code bytes} and its fdatasync take, one after the other for {@code time}. */
    public Histogram syncLatency(int bytes, Duration time) throws IOException {
        Histogram nanos = new Histogram(3);
        withFile(channel -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(bytes);
            long position = 0;
            long end = System.nanoTime() + time.toNanos();
            for (long begin = System.nanoTime(); begin < end; begin = System.nanoTime()) {
                write(channel, buffer, position);
                channel.force(false);
                nanos.recordValue(System.nanoTime() - begin);
                position = (position + bytes) % (FILE_BYTES - bytes);
            }
        });
        return nanos;
    }

    /**
     * MB (10^6 bytes) per second of writes one behind the other, with an fdatasync after each group.
     *
     * @param groupBytes written between two syncs
     */
    public double sequentialMbPerSecond(int groupBytes, Duration time) throws IOException {
        double[] rate = new double[1];
        withFile(channel -> {
            ByteBuffer buffer = ByteBuffer.allocateDirect(Math.min(groupBytes, CHUNK_BYTES));
            long written = 0;
            long begin = System.nanoTime();
            long now = begin;
            while (now - begin < time.toNanos()) {
                for (int group = 0; group < groupBytes; group += buffer.capacity()) {
                    write(channel, buffer, written % (FILE_BYTES - CHUNK_BYTES));
                    written += buffer.capacity();
                }
                channel.force(false);
                now = System.nanoTime();
            }
            rate[0] = written / 1e6 / ((now - begin) / 1e9);
        });
        return rate[0];
    }

    private void withFile(Work work) throws IOException {
        Files.createDirectories(directory);
        Path file = Files.createTempFile(directory, "probe", ".bin");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK_BYTES);
            for (long position = 0; position < FILE_BYTES; position += CHUNK_BYTES) {
                write(channel, zeros, position);
            }
            channel.force(true);
            work.run(channel);
        } finally {
            Files.deleteIfExists(file);
        }
    }

    private static void write(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        buffer.clear();
        long at = position;
        while (buffer.hasRemaining()) {
            at += channel.write(buffer, at);
        }
    }

    @FunctionalInterface
    private interface Work {
        void run(FileChannel channel) throws IOException;
    }
}
