// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** Reads the records of given offsets, off the partition's loop. */
final class RecordsByOffset {
    private static final int READ_BYTES = 64 << 10;

    private RecordsByOffset() {}

    /**
     * Hands the records of some ranges to {@code visitor}, in order, on an unspecified thread.
     *
     * @param wanted in order, not empty
     * @param maxBytes where to stop; one record is always handed out if there is one
     * @return completes with the offset up to which (exclusive) the wanted ones were looked at
     */
    static CompletableFuture<Long> read(
            Partition partition, List<OffsetRange> wanted, int maxBytes, Consumer<RecordView> visitor) {
        long end = wanted.get(wanted.size() - 1).last() + 1;
        Lane lane = new Lane(ConsumerFilter.NONE, 0, new LookAheadBudget(0));
        Scan.Part part = new Scan.Part(lane, 0, null, Integer.MAX_VALUE, maxBytes);
        Scan scan = new Scan(
                0,
                wanted,
                end,
                false,
                List.of(part),
                RawRules.INSTANCE,
                false,
                partition.lastStableOffset(),
                partition.nowMs(),
                READ_BYTES);
        return ScanReader.read(partition, scan).thenApply(collector -> {
            List<Piece> pieces = part.takePieces();
            try {
                pieces.forEach(piece -> visit(piece, visitor));
            } finally {
                pieces.forEach(Piece::release);
            }
            return Math.min(part.stop(), collector.examinedTo());
        });
    }

    private static void visit(Piece piece, Consumer<RecordView> visitor) {
        Chunk chunk = piece.chunk();
        ByteBuf records = chunk.slice(piece.index(), piece.index() + piece.count());
        try (RecordReader reader =
                RecordReader.ofRun(records, chunk.baseOffset(), chunk.baseTimestampMs(), piece.count())) {
            reader.forEachRemaining(visitor);
        } finally {
            records.release();
        }
    }
}
