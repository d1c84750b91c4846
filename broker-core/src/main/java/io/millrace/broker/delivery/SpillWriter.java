// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** Writes what one transaction sends to one partition to a log of its own, one piece after the other. */
final class SpillWriter {
    private final SpillLogs logs;
    private final Partition partition;
    private final UUID log = UUID.randomUUID();
    private volatile Spilled written = new Spilled(log, 0, 0, 0);

    SpillWriter(SpillLogs logs, Partition partition) {
        this.logs = logs;
        this.partition = partition;
    }

    Partition partition() {
        return partition;
    }

    /** What is there so far. Any thread. */
    Spilled written() {
        return written;
    }

    void delete() {
        logs.delete(log);
    }

    /** Perhaps its transaction is committed. */
    void leave() {
        logs.leave(log);
    }

    /**
     * Completes when they are durable; the buffers must stay valid until then. Refuses what the partition would, for its
     * commit must not be refused. Any thread, one call at a time.
     */
    CompletableFuture<Void> write(List<ByteBuf> batches) {
        return Calls.on(partition::execute, () -> {
                    partition.check(new Append(batches, List.of(), Origin.CLIENT));
                    return logs.create(log);
                })
                .thenCompose(open -> Calls.on(partition::execute, () -> append(open, batches)));
    }

    private CompletableFuture<Void> append(PartitionLog open, List<ByteBuf> batches) {
        long end = written.end();
        long bytes = written.bytes();
        int messages = written.messages();
        long newest = -1;
        for (ByteBuf batch : batches) {
            var indexes = Batches.indexes(batch);
            while (indexes.hasNext()) {
                int index = indexes.nextInt();
                BatchHeader.setBaseOffset(batch, index, end);
                BatchHeader.setPartitionLeaderEpoch(batch, index, open.leaderEpoch());
                end += BatchHeader.lastOffsetDelta(batch, index) + 1L;
                messages += BatchHeader.recordCount(batch, index);
                newest = Math.max(newest, BatchHeader.maxTimestamp(batch, index));
            }
            bytes += batch.readableBytes();
        }
        ByteBuf data = Unpooled.wrappedBuffer(
                batches.stream().map(ByteBuf::retainedDuplicate).toArray(ByteBuf[]::new));
        written = new Spilled(log, end, bytes, messages);
        return open.append(LogAppend.ofData(open, data, end - 1, newest));
    }
}
