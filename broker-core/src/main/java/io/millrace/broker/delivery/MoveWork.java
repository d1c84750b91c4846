// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.DeadLetters.Move;
import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.protocol.record.RecordView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Moves what waits in a group to other queues, one portion after another: held, copied, appended there and finished
 * here in one atomic append. What fails to move goes back. On the partition's loop.
 */
final class MoveWork {
    private static final int PORTION = 256;
    private static final int PORTION_BYTES = 512 << 10;
    private static final AtomicLong NUMBERS = new AtomicLong();

    private final Partition partition;
    private final DeliveryGroup group;
    private final DeadLetters letters;
    private final Function<RecordView, String> queueOf;
    private final boolean withoutDeath;
    /** No link has a negative number. */
    private final Holder operator = new Holder(-1, NUMBERS.incrementAndGet(), 0);

    private final long end;
    private final CompletableFuture<Long> done = new CompletableFuture<>();
    private long next;
    private long moved;

    /**
     * @param queueOf where a record goes; empty: it stays
     * @param withoutDeath whether what a dead letter tells of its death is left out
     */
    MoveWork(
            Partition partition,
            DeliveryGroup group,
            DeadLetters letters,
            Function<RecordView, String> queueOf,
            boolean withoutDeath) {
        this.partition = partition;
        this.group = group;
        this.letters = letters;
        this.queueOf = queueOf;
        this.withoutDeath = withoutDeath;
        this.next = group.engine().lowWatermark();
        this.end = group.highWatermark();
    }

    /** Completes when all that waited at the start was moved, with how many that were. */
    CompletableFuture<Long> start() {
        portion();
        return done;
    }

    private record Letter(String queue, DeadLetter copy) {}

    private void portion() {
        if (group.isEnded()) {
            done.completeExceptionally(new BrokerException(
                    Code.NOT_LEADER, "Partition " + partition.id() + " is not served by this broker now; try again"));
            return;
        }
        List<Span<Acquired>> held = next >= end ? List.of() : group.hold(operator, next, end, PORTION);
        if (held.isEmpty()) {
            done.complete(moved);
            return;
        }
        List<OffsetRange> ranges = held.stream()
                .map(span -> new OffsetRange(span.first(), span.last()))
                .toList();
        List<Letter> copies = new ArrayList<>();
        Completions.whenDone(
                RecordsByOffset.read(partition, ranges, PORTION_BYTES, record -> {
                            String queue = queueOf.apply(record);
                            if (!queue.isEmpty() && !queue.equals(partition.id().topic())) {
                                copies.add(new Letter(queue, DeadLetter.copy(record, withoutDeath)));
                            }
                        })
                        .thenCompose(to -> moveAll(copies, 0).thenApply(all -> to)),
                (to, failure) -> partition.execute(() -> onMoved(to, copies.size(), failure)));
    }

    /** One queue after the other; those whose records are together in the portion. */
    private CompletableFuture<Void> moveAll(List<Letter> copies, int from) {
        if (from == copies.size()) {
            return CompletableFuture.completedFuture(null);
        }
        String queue = copies.get(from).queue();
        int to = from;
        List<DeadLetter> together = new ArrayList<>();
        while (to < copies.size() && copies.get(to).queue().equals(queue)) {
            together.add(copies.get(to++).copy());
        }
        int rest = to;
        return letters.move(partition, queue, () -> move(together)).thenCompose(one -> moveAll(copies, rest));
    }

    private Move move(List<DeadLetter> copies) {
        List<DeadLetter> still = new ArrayList<>();
        List<OffsetRange> ranges = new ArrayList<>();
        for (DeadLetter copy : copies) {
            boolean held = group.engine()
                    .inFlight()
                    .at(copy.offset())
                    .filter(acquired -> acquired.holder().equals(operator))
                    .isPresent();
            if (held && !group.isEnded()) {
                still.add(copy);
                ranges.add(new OffsetRange(copy.offset(), copy.offset()));
            }
        }
        return new Move(still, ranges.isEmpty() ? List.of() : List.of(DeliveryRecords.finals(group.id(), ranges)));
    }

    private void onMoved(@Nullable Long to, int count, @Nullable Throwable failure) {
        group.unhold(operator);
        if (to == null) {
            done.completeExceptionally(failure == null ? new IllegalStateException("no outcome") : failure);
            return;
        }
        moved += count;
        next = to;
        portion();
    }
}
