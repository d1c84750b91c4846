// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.PartitionSpills.Applying;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.Urgency;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives partitions the committed sends that lie on the disk: reads a piece, appends it together with the record of how far
 * that is, and so on. A partition is given one transaction after the other; a few partitions at a time, so that memory
 * stays bounded. After a crash it goes on where the partition's state says. Safe for any thread.
 */
final class SpillApplier {
    private static final Logger LOG = LoggerFactory.getLogger(SpillApplier.class);

    /** About what is read and appended at a time; one batch may be larger. */
    static final int PIECE_BYTES = 1 << 20;

    private static final int PIECES_AT_A_TIME = 8;
    private static final long RETRY_MS = 1_000;

    private final SpillLogs logs;
    private final SpillIndex index;
    private final Deque<Runnable> waiting = new ArrayDeque<>();
    private int running;

    SpillApplier(SpillLogs logs, SpillIndex index) {
        this.logs = logs;
        this.index = index;
    }

    /** What is committed and waits there is applied, if nobody is about it. */
    void start(Partition partition) {
        partition.execute(() -> next(partition));
    }

    /** As {@link #start}; completes when all that a commit has on the disk is applied. */
    CompletableFuture<Void> apply(UUID committedBy, Iterable<Partition> partitions) {
        CompletableFuture<Void> applied = index.whenApplied(committedBy);
        partitions.forEach(this::start);
        return applied;
    }

    private void next(Partition partition) {
        if (partition.isServing()) {
            DeliveryMachine machine = DeliveryMachines.of(partition);
            Applying first = machine.spills().takeUp();
            if (first != null) {
                new Run(partition, machine, first.spilled()).step();
            }
        }
    }

    private void withRoom(Runnable piece) {
        synchronized (this) {
            if (running >= PIECES_AT_A_TIME) {
                waiting.add(piece);
                return;
            }
            running++;
        }
        piece.run();
    }

    private void giveRoom() {
        Runnable next;
        synchronized (this) {
            next = waiting.poll();
            if (next == null) {
                running--;
                return;
            }
        }
        next.run();
    }

    /** One transaction's way into one partition, for as long as that is not lost. On the partition's loop. */
    private final class Run {
        private final Partition partition;
        private final DeliveryMachine machine;
        private final Spilled spilled;
        private boolean complained;

        Run(Partition partition, DeliveryMachine machine, Spilled spilled) {
            this.partition = partition;
            this.machine = machine;
            this.spilled = spilled;
        }

        /** A partition that was lost has another machine, if any, and what applies there has begun anew. */
        private boolean isLost() {
            return !partition.isServing() || DeliveryMachines.of(partition) != machine;
        }

        void step() {
            if (isLost()) {
                return;
            }
            Applying at = machine.spills().find(spilled.log());
            if (at == null) {
                done();
                return;
            }
            int epoch = partition.leaderEpoch();
            withRoom(() -> Completions.whenDone(
                    Calls.attempt(() -> logs.read(spilled.log(), epoch, at.next(), PIECE_BYTES)),
                    (piece, failure) -> partition.execute(() -> onRead(piece, failure))));
        }

        private void done() {
            machine.spills().putDown();
            index.onApplied(spilled.log());
            logs.delete(spilled.log());
            next(partition);
        }

        private void onRead(@Nullable ByteBuf piece, @Nullable Throwable failure) {
            if (piece == null || isLost() || !piece.isReadable()) {
                if (piece != null) {
                    piece.release();
                }
                giveRoom();
                tryAgain(failure == null ? endsTooEarly() : failure);
                return;
            }
            long next = 0;
            long dataFirst = partition.nextOffset();
            long dataEnd = dataFirst;
            var indexes = Batches.indexes(piece);
            while (indexes.hasNext()) {
                int at = indexes.nextInt();
                long count = BatchHeader.lastOffsetDelta(piece, at) + 1L;
                next = BatchHeader.baseOffset(piece, at) + count;
                dataEnd += count;
            }
            Append append = new Append(
                    List.of(piece),
                    List.of(BranchRecords.applied(spilled.log(), next, dataFirst, dataEnd)),
                    Origin.BROKER,
                    Urgency.AWAITED);
            Completions.whenDone(partition.append(append), (done, refused) -> {
                giveRoom();
                partition.execute(() -> {
                    if (refused == null) {
                        step();
                    } else {
                        tryAgain(refused);
                    }
                });
            });
        }

        private DeliveryException endsTooEarly() {
            return new DeliveryException(
                    ErrorCode.UNAVAILABLE, "log " + spilled.log() + " ends before offset " + spilled.end());
        }

        /** It is committed: there is no other way than to apply it. */
        private void tryAgain(Throwable failure) {
            if (isLost()) {
                return;
            }
            if (!complained) {
                complained = true;
                LOG.error(
                        "A committed transaction cannot be written to {}, whose readers wait for it; this is tried"
                                + " again: {}",
                        partition.id(),
                        failure.toString());
            }
            var unused = partition.schedule(this::step, RETRY_MS);
        }
    }
}
