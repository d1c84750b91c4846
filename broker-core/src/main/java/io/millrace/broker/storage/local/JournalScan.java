// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads the journal at recovery; {@link JournalLayout} draws its bytes and says what ends a scan. */
final class JournalScan implements AutoCloseable {
    private static final int CHUNK = 256 << 10;
    private static final int FIRST_READ = 4 << 10;

    private final List<OpenFile> open = new ArrayList<>();
    private final List<OpenFile> unused = new ArrayList<>();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    private final List<Entry> entries = new ArrayList<>();
    private long expected;
    private long applied;
    private int fileNumber;

    /** One journal file and its header. */
    private record OpenFile(StoreFile file, long bytes, long generation, long firstSequence, long appliedSequence) {}

    /** A sound frame's header. */
    private record FrameHeader(int length, int count, long generation, long sequence, long durable, long applied) {}

    /**
     * What one frame holds for one partition; the bytes stay in the file.
     *
     * @param dataPosition where the DATA bytes lie; the STATE bytes follow them
     * @param stateLength -1 without state
     */
    record Entry(
            StoreFile file,
            PartitionKey key,
            long sequence,
            long baseOffset,
            long lastOffset,
            long previousEnd,
            long dataEnd,
            long dataPosition,
            int dataLength,
            int stateLength,
            long stateEnd,
            boolean snapshot) {

        /** The ordinal of the STATE bytes; -1 without state. */
        long stateOrdinal() {
            return stateLength < 0 ? -1 : stateEnd - 1;
        }

        ByteBuf readData() throws IOException {
            return read(dataPosition, dataLength);
        }

        ByteBuf readState() throws IOException {
            return read(dataPosition + dataLength, stateLength);
        }

        private ByteBuf read(long position, int length) throws IOException {
            byte[] bytes = new byte[length];
            file.readFully(ByteBuffer.wrap(bytes), position);
            return Unpooled.wrappedBuffer(bytes);
        }
    }

    /**
     * @param entries what is not yet synced in the partitions' files, oldest first
     * @param appliedSequence up to there everything is synced in the partitions' files
     * @param fileNumber a number that no journal file bears yet
     * @param damage the CORRUPT that concerns all partitions; {@code null} when the journal is sound
     */
    record Result(
            List<Entry> entries,
            long appliedSequence,
            long lastSequence,
            long lastGeneration,
            int fileNumber,
            @Nullable StorageException damage) {}

    JournalScan(FileLayer files, Path directory) throws IOException {
        for (Path path : files.list(directory)) {
            String name = String.valueOf(path.getFileName());
            if (name.matches("journal-\\d{4,9}\\.log")) {
                fileNumber = Math.max(fileNumber, Integer.parseInt(name.substring(8, name.length() - 4)) + 1);
                openFile(files.open(path));
            }
        }
        open.sort(Comparator.comparingLong(OpenFile::generation));
    }

    private void openFile(StoreFile file) throws IOException {
        ByteBuffer header = ByteBuffer.allocate(JournalLayout.FILE_HEADER_BYTES);
        file.readUpTo(header, 0);
        CRC32C crc = new CRC32C();
        crc.update(header.array(), 0, JournalLayout.FILE_HEADER_USED - Integer.BYTES);
        boolean sound = header.getLong(0) == JournalLayout.FILE_MAGIC
                && header.getInt(JournalLayout.FILE_HEADER_USED - Integer.BYTES) == (int) crc.getValue();
        long bytes = file.size();
        if (sound) {
            open.add(new OpenFile(file, bytes, header.getLong(8), header.getLong(16), header.getLong(24)));
        } else {
            unused.add(new OpenFile(file, bytes, 0, 0, 0));
        }
    }

    Result scan(Checkpoint checkpoint) throws IOException {
        applied = checkpoint.sequence();
        for (OpenFile file : open) {
            applied = Math.max(applied, file.appliedSequence());
        }
        int first = open.size() - 1;
        while (first > 0 && open.get(first).firstSequence() > applied + 1) {
            first--;
        }
        expected = applied + 1;
        long lastGeneration = open.isEmpty() ? 0 : open.get(open.size() - 1).generation();
        if (lastGeneration == checkpoint.cleanGeneration()) {
            return new Result(List.of(), applied, applied, lastGeneration, fileNumber, null);
        }
        @Nullable StorageException damage = null;
        if (first >= 0) {
            if (open.get(first).firstSequence() > expected) {
                damage = damaged(open.get(first), 0, "frames " + expected + " and following are missing before it");
            }
            expected = Math.min(expected, open.get(first).firstSequence());
            for (int i = first; i < open.size() && damage == null; i++) {
                damage = scanFile(i);
            }
        }
        for (OpenFile file : unused) {
            damage = damage == null ? laterFrame(file, JournalLayout.FILE_HEADER_BYTES, lastGeneration) : damage;
        }
        entries.removeIf(entry -> entry.sequence() <= applied);
        long lastSequence = Math.max(expected - 1, applied);
        return new Result(entries, applied, lastSequence, lastGeneration, fileNumber, damage);
    }

    private @Nullable StorageException scanFile(int number) throws IOException {
        OpenFile file = open.get(number);
        long position = JournalLayout.FILE_HEADER_BYTES;
        FrameHeader frame = soundFrame(file, position);
        while (frame != null && frame.generation() == file.generation() && frame.sequence() == expected) {
            readEntries(file, position, frame);
            applied = Math.max(applied, frame.applied());
            expected++;
            position = JournalLayout.aligned(position + frame.length());
            frame = soundFrame(file, position);
        }
        boolean isLast = number == open.size() - 1;
        if (!isLast && open.get(number + 1).firstSequence() > Math.max(expected, applied + 1)) {
            return damaged(file, position, "frame " + expected + " is not sound though later ones exist");
        }
        return isLast ? laterFrame(file, position, file.generation()) : null;
    }

    /** A frame behind {@code from} which tells that frame {@link #expected} had been synced. */
    private @Nullable StorageException laterFrame(OpenFile file, long from, long generation) throws IOException {
        long position = JournalLayout.aligned(from);
        while (position + JournalLayout.FRAME_HEADER_BYTES <= file.bytes()) {
            chunk.clear();
            int read = file.file().readUpTo(chunk, position);
            int at = 0;
            for (; at + JournalLayout.FRAME_HEADER_BYTES <= read; at += JournalLayout.ALIGNMENT) {
                boolean candidate = chunk.getInt(at) == JournalLayout.FRAME_MAGIC
                        && chunk.getLong(at + 16) >= generation
                        && chunk.getLong(at + 32) >= Math.max(expected, applied + 1);
                if (candidate && soundFrame(file, position + at) != null) {
                    return damaged(file, from, "frame " + expected + " is not sound though later ones exist");
                }
                if (candidate) {
                    chunk.clear();
                    read = file.file().readUpTo(chunk, position);
                }
            }
            position += Math.max(at, JournalLayout.ALIGNMENT);
        }
        return null;
    }

    private static StorageException damaged(OpenFile file, long position, String what) {
        return StorageErrors.corrupt(
                file.file().path(),
                position,
                what + "; to go on with what the partitions' own files hold, move the journal directory away");
    }

    /** The header of the frame at a position; {@code null} when its bytes are not those of a whole frame. */
    private @Nullable FrameHeader soundFrame(OpenFile file, long position) throws IOException {
        long left = file.bytes() - position;
        if (left < JournalLayout.FRAME_HEADER_BYTES) {
            return null;
        }
        chunk.clear().limit((int) Math.min(FIRST_READ, left));
        file.file().readFully(chunk, position);
        int length = chunk.getInt(8);
        if (chunk.getInt(0) != JournalLayout.FRAME_MAGIC
                || length < JournalLayout.FRAME_HEADER_BYTES
                || length > left) {
            return null;
        }
        int crcWanted = chunk.getInt(4);
        FrameHeader frame = new FrameHeader(
                length, chunk.getInt(12), chunk.getLong(16), chunk.getLong(24), chunk.getLong(32), chunk.getLong(40));
        CRC32C crc = new CRC32C();
        int done = Math.min(length, chunk.limit());
        crc.update(chunk.clear().position(JournalLayout.CRC_FROM).limit(done));
        while (done < length) {
            chunk.clear().limit(Math.min(CHUNK, length - done));
            file.file().readFully(chunk, position + done);
            done += chunk.limit();
            crc.update(chunk.flip());
        }
        return (int) crc.getValue() == crcWanted ? frame : null;
    }

    private void readEntries(OpenFile file, long framePosition, FrameHeader frame) throws IOException {
        long position = framePosition + JournalLayout.FRAME_HEADER_BYTES;
        ByteBuffer header = ByteBuffer.allocate(JournalLayout.ENTRY_HEADER_BYTES);
        for (int i = 0; i < frame.count(); i++) {
            file.file().readFully(header.clear(), position);
            int flags = header.getInt(24);
            int dataLength = header.getInt(28);
            int stateLength = header.getInt(32);
            PartitionKey key = new PartitionKey(new UUID(header.getLong(0), header.getLong(8)), header.getInt(16));
            position += JournalLayout.ENTRY_HEADER_BYTES;
            entries.add(new Entry(
                    file.file(),
                    key,
                    frame.sequence(),
                    header.getLong(36),
                    header.getLong(44),
                    header.getLong(52),
                    header.getLong(60),
                    position,
                    dataLength,
                    (flags & JournalLayout.HAS_STATE) != 0 ? stateLength : -1,
                    header.getLong(68),
                    (flags & JournalLayout.SNAPSHOT) != 0));
            position += dataLength + (long) stateLength;
        }
    }

    /** Makes the frames durable that the last process wrote and did not sync: what is read from now on stays. */
    void force() throws IOException {
        if (!open.isEmpty()) {
            open.get(open.size() - 1).file().force();
        }
    }

    /** Hands the files over, oldest first, each with the last sequence in it: used again once that is synced. */
    List<JournalFile> recycle(long lastSequence) {
        List<JournalFile> recycled = new ArrayList<>();
        unused.forEach(file -> recycled.add(new JournalFile(file.file(), file.bytes())));
        for (int i = 0; i < open.size(); i++) {
            JournalFile file = new JournalFile(open.get(i).file(), open.get(i).bytes());
            file.retire(i + 1 < open.size() ? open.get(i + 1).firstSequence() - 1 : lastSequence);
            recycled.add(file);
        }
        open.clear();
        unused.clear();
        return recycled;
    }

    /** Closes the files that were not handed over. */
    @Override
    public void close() throws IOException {
        for (OpenFile file : open) {
            file.file().close();
        }
        for (OpenFile file : unused) {
            file.file().close();
        }
    }
}
