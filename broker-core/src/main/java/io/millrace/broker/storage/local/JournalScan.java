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

    private final List<OpenFile> open = new ArrayList<>();
    private final List<OpenFile> unused = new ArrayList<>();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK);
    /** Which part of which file the chunk holds. */
    private @Nullable StoreFile loadedFile;

    private long loadedFrom;
    private int loaded;
    private final CRC32C crc = new CRC32C();
    private final long[] words = new long[CHUNK / Long.BYTES];
    private final List<Entry> entries = new ArrayList<>();
    /** Sequences of frames whose bodies are not sound, ascending. */
    private final List<Long> broken = new ArrayList<>();

    private long expected;
    private long applied;
    /** Frames up to it had been synced, as later ones tell. */
    private long durable;

    private int fileNumber;

    /** One journal file and its header. */
    private record OpenFile(StoreFile file, long bytes, long generation, long firstSequence, long appliedSequence) {}

    /** A frame's header, which is sound as those of its entries are. */
    private record FrameHeader(
            int length, int count, long generation, long sequence, long durable, long applied, int bodyCrc) {}

    /**
     * What one frame holds for one partition; the bytes stay in the file.
     *
     * @param dataPosition where the DATA bytes lie; the STATE bytes follow them
     * @param stateLength -1 without state
     * @param sound whether its DATA and STATE bytes are what was written
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
            boolean snapshot,
            boolean sound) {

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
        cutTornTail();
        entries.removeIf(entry -> entry.sequence() <= applied);
        long lastSequence = Math.max(expected - 1, applied);
        return new Result(entries, applied, lastSequence, lastGeneration, fileNumber, damage);
    }

    private @Nullable StorageException scanFile(int number) throws IOException {
        OpenFile file = open.get(number);
        long position = JournalLayout.FILE_HEADER_BYTES;
        FrameHeader frame = frameHeader(file, position);
        while (frame != null && frame.generation() == file.generation() && frame.sequence() == expected) {
            boolean sound = bodyIsSound(file, position, frame);
            if (!sound) {
                broken.add(expected);
            }
            readEntries(file, position, frame, sound);
            applied = Math.max(applied, frame.applied());
            durable = Math.max(durable, frame.durable());
            expected++;
            position = JournalLayout.aligned(position + frame.length());
            frame = frameHeader(file, position);
        }
        boolean isLast = number == open.size() - 1;
        if (!isLast && open.get(number + 1).firstSequence() > Math.max(expected, applied + 1)) {
            return damaged(file, position, "frame " + expected + " is not sound though later ones exist");
        }
        if (!isLast) {
            // Another file is begun once all of this one is synced.
            durable = Math.max(durable, open.get(number + 1).firstSequence() - 1);
        }
        return isLast ? laterFrame(file, position, file.generation()) : null;
    }

    /** The journal ends before the first broken frame of which no later one tells that it had been synced. */
    private void cutTornTail() {
        for (long sequence : broken) {
            if (sequence > Math.max(durable, applied)) {
                expected = sequence;
                entries.removeIf(entry -> entry.sequence() >= sequence);
                return;
            }
        }
    }

    /** A frame behind {@code from} which tells that frame {@link #expected} had been synced. */
    private @Nullable StorageException laterFrame(OpenFile file, long from, long generation) throws IOException {
        long position = JournalLayout.aligned(from);
        while (position + JournalLayout.FRAME_HEADER_BYTES <= file.bytes()) {
            int read = (int) Math.min(CHUNK, file.bytes() - position);
            chunk.position(load(file, position, read))
                    .slice()
                    .asLongBuffer()
                    .get(words, 0, read / JournalLayout.ALIGNMENT);
            int places = (read - JournalLayout.FRAME_HEADER_BYTES) / JournalLayout.ALIGNMENT + 1;
            for (int at = nextMagic(0, places); at < places; at = nextMagic(at + 1, places)) {
                if (words[at + 2] >= generation
                        && words[at + 4] >= Math.max(expected, applied + 1)
                        && frameHeader(file, position + (long) at * JournalLayout.ALIGNMENT) != null) {
                    return damaged(file, from, "frame " + expected + " is not sound though later ones exist");
                }
            }
            position += Math.max(1L, places) * JournalLayout.ALIGNMENT;
        }
        return null;
    }

    /** The first of these words that a frame may begin with. On its own, and on an array: a start runs it uncompiled. */
    private int nextMagic(int from, int to) {
        int at = from;
        while (at < to && (int) (words[at] >>> Integer.SIZE) != JournalLayout.FRAME_MAGIC) {
            at++;
        }
        return at;
    }

    private static StorageException damaged(OpenFile file, long position, String what) {
        return StorageErrors.corrupt(
                file.file().path(),
                position,
                what + "; to go on with what the partitions' own files hold, move the journal directory away");
    }

    /** The header of the frame at a position; {@code null} when it or one of its entries' headers is not sound. */
    private @Nullable FrameHeader frameHeader(OpenFile file, long position) throws IOException {
        long left = file.bytes() - position;
        if (left < JournalLayout.FRAME_HEADER_BYTES) {
            return null;
        }
        int at = load(file, position, JournalLayout.FRAME_HEADER_BYTES);
        int length = chunk.getInt(at + 8);
        int count = chunk.getInt(at + 12);
        if (chunk.getInt(at) != JournalLayout.FRAME_MAGIC
                || count < 0
                || length < JournalLayout.headBytes(count)
                || length > left) {
            return null;
        }
        if (length <= CHUNK) {
            // All of it in one read, for those who look at the rest.
            at = load(file, position, length);
        }
        int crcWanted = chunk.getInt(at + 4);
        FrameHeader frame = new FrameHeader(
                length,
                count,
                chunk.getLong(at + 16),
                chunk.getLong(at + 24),
                chunk.getLong(at + 32),
                chunk.getLong(at + 40),
                chunk.getInt(at + JournalLayout.BODY_CRC_AT));
        int found = crc(file, position, JournalLayout.CRC_FROM, (int) JournalLayout.headBytes(count));
        return found == crcWanted ? frame : null;
    }

    /** Whether the DATA and STATE bytes are those that were written; right after {@link #frameHeader}. */
    private boolean bodyIsSound(OpenFile file, long position, FrameHeader frame) throws IOException {
        return crc(file, position, (int) JournalLayout.headBytes(frame.count()), frame.length()) == frame.bodyCrc();
    }

    /** Over a part of the frame at a position. */
    private int crc(OpenFile file, long position, int from, int to) throws IOException {
        crc.reset();
        int done = from;
        while (done < to) {
            int part = Math.min(CHUNK, to - done);
            int at = load(file, position + done, part);
            crc.update(chunk.limit(at + part).position(at));
            done += part;
        }
        return (int) crc.getValue();
    }

    /** Sees to it that the chunk holds these bytes of a file, at most {@link #CHUNK}; where in it. One read is for many frames. */
    private int load(OpenFile file, long position, int length) throws IOException {
        boolean there = loadedFile == file.file() && position >= loadedFrom && position + length <= loadedFrom + loaded;
        if (!there) {
            loadedFile = null;
            loaded = (int) Math.min(CHUNK, file.bytes() - position);
            file.file().readFully(chunk.clear().limit(loaded), position);
            loadedFile = file.file();
            loadedFrom = position;
        }
        chunk.clear();
        return (int) (position - loadedFrom);
    }

    private void readEntries(OpenFile file, long framePosition, FrameHeader frame, boolean sound) throws IOException {
        long headerPosition = framePosition + JournalLayout.FRAME_HEADER_BYTES;
        long position = framePosition + JournalLayout.headBytes(frame.count());
        for (int i = 0; i < frame.count(); i++) {
            int at = load(file, headerPosition, JournalLayout.ENTRY_HEADER_BYTES);
            int flags = chunk.getInt(at + 24);
            int dataLength = chunk.getInt(at + 28);
            int stateLength = chunk.getInt(at + 32);
            PartitionKey key =
                    new PartitionKey(new UUID(chunk.getLong(at), chunk.getLong(at + 8)), chunk.getInt(at + 16));
            headerPosition += JournalLayout.ENTRY_HEADER_BYTES;
            entries.add(new Entry(
                    file.file(),
                    key,
                    frame.sequence(),
                    chunk.getLong(at + 36),
                    chunk.getLong(at + 44),
                    chunk.getLong(at + 52),
                    chunk.getLong(at + 60),
                    position,
                    dataLength,
                    (flags & JournalLayout.HAS_STATE) != 0 ? stateLength : -1,
                    chunk.getLong(at + 68),
                    (flags & JournalLayout.SNAPSHOT) != 0,
                    sound));
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
