// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.delivery.DeadLetters.Move;
import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves the doomed records of one group, one portion after another. On the partition's loop. What cannot be moved is
 * tried again later, less and less often; meanwhile it is neither delivered nor lost.
 */
final class DeadLetterWork {
    private static final Logger LOG = LoggerFactory.getLogger(DeadLetterWork.class);
    private static final int PORTION_SPANS = 256;
    private static final int PORTION_BYTES = 512 << 10;
    private static final long FIRST_RETRY_MS = 500;
    private static final long LAST_RETRY_MS = 60_000;

    private final Partition partition;
    private final DeliveryGroup group;
    private final Supplier<RedeliveryPolicy> policy;
    private final Supplier<DeadLetters> letters;
    private final DeadLetter.Origin origin;
    private boolean busy;
    private int failures;

    DeadLetterWork(
            Partition partition,
            DeliveryGroup group,
            Supplier<RedeliveryPolicy> policy,
            Supplier<DeadLetters> letters) {
        this.partition = partition;
        this.group = group;
        this.policy = policy;
        this.letters = letters;
        GroupKey key = group.key();
        this.origin = new DeadLetter.Origin(
                partition.id().topic(),
                partition.id().partition(),
                key.kind() == SubscriptionKind.QUEUE ? null : key.name());
    }

    /** Starts to move the next portion, if there is one and none is under way. */
    void start() {
        Span<Death> first = busy ? null : group.engine().doomed().firstSpan();
        if (first == null) {
            return;
        }
        String queue = queue(first.value());
        List<Span<Death>> portion = new ArrayList<>();
        for (Span<Death> span : group.engine().doomed().spans()) {
            if (portion.size() == PORTION_SPANS || !queue(span.value()).equals(queue)) {
                break;
            }
            portion.add(span);
        }
        if (queue.isEmpty()) {
            // The settings have changed since.
            group.finish(portion.stream().map(DeadLetterWork::range).toList());
            return;
        }
        busy = true;
        List<DeadLetter> copies = new ArrayList<>();
        long nowMs = partition.nowMs();
        Completions.whenDone(
                RecordsByOffset.read(
                                partition,
                                portion.stream().map(DeadLetterWork::range).toList(),
                                PORTION_BYTES,
                                record -> copies.add(
                                        DeadLetter.of(record, origin, deathOf(portion, record.offset()), nowMs)))
                        .thenCompose(to -> letters.get().move(partition, queue, () -> move(portion, to, copies))),
                (done, failure) -> partition.execute(() -> onMoved(queue, failure)));
    }

    private String queue(Death death) {
        if (death.reason() == Death.Reason.EXPIRED) {
            return policy.get().expiryQueue();
        }
        return death.queue() == null ? policy.get().deadLetterQueue() : death.queue();
    }

    private static OffsetRange range(Span<Death> span) {
        return new OffsetRange(span.first(), span.last());
    }

    private static Death deathOf(List<Span<Death>> portion, long offset) {
        for (Span<Death> span : portion) {
            if (span.first() <= offset && offset <= span.last()) {
                return span.value();
            }
        }
        throw new IllegalStateException("offset " + offset + " was not asked for");
    }

    /** What is still doomed of what was read: a purge may have been faster. */
    private Move move(List<Span<Death>> portion, long to, List<DeadLetter> copies) {
        if (group.isEnded()) {
            throw new BrokerException(Code.NOT_LEADER, "Group " + group.key() + " of " + partition.id() + " has ended");
        }
        RangeMap<Death> doomed = group.engine().doomed();
        List<OffsetRange> ranges = new ArrayList<>();
        for (Span<Death> span : portion) {
            doomed.within(span.first(), Math.min(span.last(), to - 1)).forEach(still -> ranges.add(range(still)));
        }
        List<DeadLetter> still = copies.stream()
                .filter(copy -> !doomed.within(copy.offset(), copy.offset()).isEmpty())
                .toList();
        return new Move(still, List.of(DeliveryRecords.finals(group.id(), ranges)));
    }

    private void onMoved(String queue, @Nullable Throwable failure) {
        if (group.isEnded()) {
            return;
        }
        if (failure == null) {
            busy = false;
            failures = 0;
            group.dispatch();
            return;
        }
        failures++;
        long delayMs = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS << Math.min(failures - 1, 10));
        LOG.warn(
                "{} messages of {} cannot be moved to queue {} now and are kept; tried again in {} ms: {}",
                group.engine().doomed().size(),
                partition.id(),
                queue,
                delayMs,
                failure.toString());
        var unused = partition.schedule(this::retry, delayMs);
    }

    private void retry() {
        busy = false;
        if (!group.isEnded()) {
            start();
        }
    }
}
