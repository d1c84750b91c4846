// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Bytes of a journal file, big endian. The file's header:
 *
 * <pre>
 * 0 magic int64 | 8 generation int64 | 16 firstSequence int64 | 24 appliedSequence int64 | 32 crc32c of 0..31
 * </pre>
 *
 * From byte 64 on frames, each at a multiple of 8:
 *
 * <pre>
 *  0 magic int32 | 4 crc32c of 8 to the end of the entries' headers | 8 length int32 | 12 entry count int32
 * 16 generation int64 (that of the file: a recycled file holds stale frames) | 24 sequence int64 (rises by one)
 * 32 durableSequence int64: frames up to it were synced when this one was written
 * 40 appliedSequence int64: frames up to it are synced in the partitions' own files
 * 48 crc32c of the entries' bytes | 52 zero int32
 * 56 the entries' headers, then of each its DATA and STATE bytes
 * </pre>
 *
 * An entry's header:
 *
 * <pre>
 *  0 topic id 16 bytes | 16 partition int32 | 20 leader epoch int32 | 24 flags int32 (1: snapshot, 2: has STATE)
 * 28 data length int32 | 32 state length int32 | 36 baseOffset int64 | 44 lastOffset int64 | 52 previousEnd int64
 * 60 dataEnd int64 | 68 stateEnd int64 (state entries with this append)
 * </pre>
 *
 * A frame that is not sound is a torn tail, and the journal ends before it, unless a later frame tells, by its
 * durableSequence, that it had been synced: then it is damage. Where its headers are sound they name the partitions that it
 * concerns, and the scan goes on behind it; where they are not, nobody knows what it held.
 */
final class JournalLayout {
    static final long FILE_MAGIC = 0x4d494c4c4a524e31L;
    static final int FILE_HEADER_BYTES = 64;
    static final int FILE_HEADER_USED = 36;
    static final int FRAME_MAGIC = 0x4d46524d;
    static final int FRAME_HEADER_BYTES = 56;
    static final int ENTRY_HEADER_BYTES = 76;
    static final int CRC_FROM = 8;
    static final int BODY_CRC_AT = 48;
    static final int SNAPSHOT = 1;
    static final int HAS_STATE = 2;
    static final int ALIGNMENT = 8;

    private JournalLayout() {}

    static long frameBytes(List<FrameEntry> entries) {
        long bytes = FRAME_HEADER_BYTES;
        for (int i = 0; i < entries.size(); i++) {
            FrameEntry entry = entries.get(i);
            bytes += ENTRY_HEADER_BYTES + entry.dataBytes() + (long) entry.stateBytes();
        }
        return bytes;
    }

    /** Bytes of a frame before the first DATA or STATE byte. */
    static long headBytes(int entries) {
        return FRAME_HEADER_BYTES + (long) entries * ENTRY_HEADER_BYTES;
    }

    static long aligned(long position) {
        return (position + ALIGNMENT - 1) & -ALIGNMENT;
    }

    static ByteBuf fileHeader(long generation, long firstSequence, long appliedSequence) {
        ByteBuf header = Unpooled.buffer(FILE_HEADER_BYTES);
        header.writeLong(FILE_MAGIC)
                .writeLong(generation)
                .writeLong(firstSequence)
                .writeLong(appliedSequence);
        header.writeInt(Checksums.of(header, 0, FILE_HEADER_USED - Integer.BYTES));
        return header.writeZero(FILE_HEADER_BYTES - FILE_HEADER_USED);
    }

    /** Writes the header of the frame and those of its entries one behind the other, with their CRCs. */
    static void encodeHeaders(
            PipelineItem.Frame frame, long generation, long durableSequence, long appliedSequence, ByteBuf headers) {
        List<FrameEntry> entries = frame.entries();
        headers.clear()
                .writeInt(FRAME_MAGIC)
                .writeInt(0)
                .writeInt((int) frame.bytes())
                .writeInt(entries.size())
                .writeLong(generation)
                .writeLong(frame.sequence())
                .writeLong(durableSequence)
                .writeLong(appliedSequence)
                .writeLong(0);
        CRC32C body = new CRC32C();
        for (int i = 0; i < entries.size(); i++) {
            FrameEntry entry = entries.get(i);
            encodeEntry(entry, headers);
            if (entry.data() != null) {
                Checksums.update(body, entry.data(), entry.data().readerIndex(), entry.dataBytes());
            }
            if (entry.state() != null) {
                Checksums.update(body, entry.state(), entry.state().readerIndex(), entry.stateBytes());
            }
        }
        headers.setInt(BODY_CRC_AT, (int) body.getValue());
        headers.setInt(4, Checksums.of(headers, CRC_FROM, headers.writerIndex() - CRC_FROM));
    }

    private static void encodeEntry(FrameEntry entry, ByteBuf headers) {
        PartitionKey key = entry.log().key();
        int flags = (entry.snapshot() ? SNAPSHOT : 0) | (entry.state() != null ? HAS_STATE : 0);
        headers.writeLong(key.topicId().getMostSignificantBits())
                .writeLong(key.topicId().getLeastSignificantBits())
                .writeInt(key.partition())
                .writeInt(entry.log().leaderEpoch())
                .writeInt(flags)
                .writeInt(entry.dataBytes())
                .writeInt(entry.stateBytes())
                .writeLong(entry.baseOffset())
                .writeLong(entry.lastOffset())
                .writeLong(entry.previousEnd())
                .writeLong(entry.dataEnd())
                .writeLong(entry.stateEnd());
    }
}
