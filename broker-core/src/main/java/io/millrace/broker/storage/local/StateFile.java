// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * One file of the STATE stream: entries one behind the other, each
 *
 * <pre>
 * 0 crc32c of 4..end uint32 | 4 payload length int32 | 8 ordinal int64 | 16 dataEnd int64 | 24 flags int32 (1: snapshot)
 * 28 payload
 * </pre>
 *
 * The ordinal counts the partition's state entries; {@code dataEnd} is where DATA ended with this entry's append:
 * where it ends earlier now, the entry belongs to data that is lost.
 */
final class StateFile implements AutoCloseable {
    static final int HEADER_BYTES = 28;
    static final int SNAPSHOT = 1;
    private static final String PREFIX = "state-";
    private static final String SUFFIX = ".log";
    private static final int CHUNK = 64 << 10;

    private final StoreFile file;
    private final long firstOrdinal;
    private long writtenBytes;

    private StateFile(StoreFile file, long firstOrdinal) {
        this.file = file;
        this.firstOrdinal = firstOrdinal;
    }

    static StateFile open(FileLayer files, Path directory, long firstOrdinal) throws IOException {
        Path path = directory.resolve(PREFIX + FileNames.padded(firstOrdinal) + SUFFIX);
        return new StateFile(files.open(path), firstOrdinal);
    }

    /** The ordinal in the name of a state file; -1 for any other file. */
    static long ordinalOf(Path path) {
        String name = String.valueOf(path.getFileName());
        int end = PREFIX.length() + FileNames.DIGITS;
        boolean fits = name.length() == end + SUFFIX.length() && name.startsWith(PREFIX) && name.endsWith(SUFFIX);
        return fits ? FileNames.number(name, PREFIX.length(), end) : -1;
    }

    /** An entry as it was read. */
    record Entry(long position, long ordinal, long dataEnd, boolean snapshot, ByteBuf payload) {}

    @FunctionalInterface
    interface Visitor {
        /** False ends the walk before this entry. */
        boolean onEntry(Entry entry);
    }

    /** Reads the sound entries from a position on; what is wrong where it stops, {@code null} at the end of the file. */
    @Nullable
    String walk(long from, Visitor visitor) throws IOException {
        long size = file.size();
        long position = from;
        ByteBuf chunk = Unpooled.EMPTY_BUFFER;
        while (position < size) {
            writtenBytes = position;
            if (size - position < HEADER_BYTES) {
                return "it ends inside a state entry";
            }
            if (chunk.readableBytes() < HEADER_BYTES) {
                chunk = read(position, Math.min(CHUNK, size - position));
            }
            int length = chunk.getInt(chunk.readerIndex() + 4);
            if (length < 0 || length > size - position - HEADER_BYTES) {
                return "it ends inside a state entry of " + length + " bytes";
            }
            int entryBytes = HEADER_BYTES + length;
            if (chunk.readableBytes() < entryBytes) {
                chunk = read(position, Math.max(entryBytes, Math.min(CHUNK, size - position)));
            }
            ByteBuf entry = chunk.readSlice(entryBytes);
            CRC32C crc = new CRC32C();
            Checksums.update(crc, entry, Integer.BYTES, entryBytes - Integer.BYTES);
            if ((int) crc.getValue() != entry.getInt(0)) {
                return "a state entry does not fit its CRC";
            }
            boolean goOn = visitor.onEntry(new Entry(
                    position,
                    entry.getLong(8),
                    entry.getLong(16),
                    entry.getInt(24) == SNAPSHOT,
                    entry.slice(HEADER_BYTES, length)));
            if (!goOn) {
                return null;
            }
            position += entryBytes;
        }
        writtenBytes = position;
        return null;
    }

    private ByteBuf read(long position, long length) throws IOException {
        byte[] bytes = new byte[(int) length];
        file.readFully(ByteBuffer.wrap(bytes), position);
        return Unpooled.wrappedBuffer(bytes);
    }

    void append(WriteStaging staging, ByteBuf header, ByteBuf payload) throws IOException {
        int length = payload.readableBytes();
        CRC32C crc = new CRC32C();
        Checksums.update(crc, header, Integer.BYTES, HEADER_BYTES - Integer.BYTES);
        Checksums.update(crc, payload, payload.readerIndex(), length);
        header.setInt(0, (int) crc.getValue());
        staging.seek(file, writtenBytes);
        staging.put(header, 0, HEADER_BYTES);
        staging.put(payload, payload.readerIndex(), length);
        writtenBytes += HEADER_BYTES + length;
    }

    void cutTail() throws IOException {
        file.truncate(writtenBytes);
    }

    void force() throws IOException {
        file.force();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    Path path() {
        return file.path();
    }

    long firstOrdinal() {
        return firstOrdinal;
    }

    long writtenBytes() {
        return writtenBytes;
    }
}
