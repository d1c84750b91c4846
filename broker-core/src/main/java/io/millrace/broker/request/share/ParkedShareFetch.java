// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.ShareAcquired;
import io.millrace.broker.delivery.ShareFetch;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Cancellation;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.request.KafkaUuids;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The records of one ShareFetch on their way, owned by its connection's network loop; other threads only enqueue there.
 * It asks in rounds, one partition after the other, so that the limits hold over all of them; while there is nothing it
 * waits, without a thread, for a partition to have something or for the time-out.
 */
final class ParkedShareFetch {
    private static final int LONGEST_WAIT_MS = 60_000;

    private final SharePartitions shares;
    private final OwnerLoop timers;
    private final ShareSession session;
    private final Limits limits;
    private final List<ShareTarget> targets;
    private final Map<ShareTarget, Found> found = new LinkedHashMap<>();
    private final List<Cancellation> waits = new ArrayList<>();
    private final CompletableFuture<Map<ShareTarget, Found>> answer = new CompletableFuture<>();
    private OwnerLoop.@Nullable Timer timer;
    private long records;
    private long bytes;
    private boolean failed;
    private boolean lastRound;
    private boolean parked;
    private int rounds;

    /**
     * How much is asked for and how long it may take.
     *
     * @param strict whether {@code maxRecords} holds to the record
     */
    record Limits(int maxWaitMs, int minBytes, int maxBytes, int maxRecords, int batchSize, boolean strict) {}

    /** What a partition gave: records, or why there are none. */
    record Found(ShareAcquired acquired, @Nullable Throwable failure) {}

    ParkedShareFetch(
            SharePartitions shares, OwnerLoop timers, ShareSession session, Limits limits, List<ShareTarget> targets) {
        this.shares = shares;
        this.timers = timers;
        this.session = session;
        this.limits = limits;
        this.targets = targets;
        this.lastRound = limits.maxWaitMs <= 0 || limits.minBytes <= 0;
    }

    /** Completes on the network loop with the partitions that have something to tell; never fails. */
    CompletableFuture<Map<ShareTarget, Found>> start() {
        if (limits.maxRecords <= 0 || limits.maxBytes <= 0 || targets.isEmpty()) {
            finish();
        } else {
            round();
        }
        return answer;
    }

    /** Waits no more: answers with what is there. */
    void hurry() {
        lastRound = true;
        if (parked) {
            wake(rounds);
        }
    }

    private void round() {
        rounds++;
        if (limits.minBytes > 1 && !lastRound) {
            measure(targets.iterator(), 0);
        } else {
            acquireOn(targets.iterator());
        }
    }

    /** Acquires nothing before there is enough: what is acquired must be delivered. */
    private void measure(Iterator<ShareTarget> rest, int seen) {
        if (seen >= limits.minBytes) {
            acquireOn(targets.iterator());
        } else if (!rest.hasNext()) {
            park(false);
        } else {
            Partition partition = find(rest.next());
            CompletableFuture<Integer> available = partition == null
                    ? CompletableFuture.completedFuture(limits.minBytes) // a failure is told at once
                    : shares.availableBytes(partition, session.key().groupId(), limits.minBytes - seen);
            Completions.whenDone(
                    available,
                    (size, failure) -> session.connection()
                            .execute(() -> measure(rest, seen + (size == null ? limits.minBytes : size))));
        }
    }

    private void acquireOn(Iterator<ShareTarget> rest) {
        while (rest.hasNext() && records < limits.maxRecords && bytes < limits.maxBytes && !session.isClosed()) {
            ShareTarget target = rest.next();
            CompletableFuture<ShareAcquired> acquired;
            try {
                acquired = acquire(shares.partition(KafkaUuids.fromKafka(target.topicId()), target.partition()));
            } catch (BrokerException refused) {
                add(target, null, refused);
                continue;
            }
            Completions.whenDone(
                    acquired,
                    (given, failure) -> session.connection().execute(() -> {
                        add(target, given, failure);
                        acquireOn(rest);
                    }));
            return;
        }
        if (lastRound || failed || records > 0 || session.isClosed()) {
            finish();
        } else {
            park(true);
        }
    }

    private CompletableFuture<ShareAcquired> acquire(Partition partition) {
        return shares.acquire(
                partition,
                new ShareFetch(
                        session.key().groupId(),
                        session.member(),
                        (int) (limits.maxRecords - records),
                        (int) (limits.maxBytes - bytes),
                        limits.batchSize,
                        limits.strict));
    }

    private void add(ShareTarget target, @Nullable ShareAcquired given, @Nullable Throwable failure) {
        if (given == null) {
            Throwable cause = failure == null ? new IllegalStateException("an acquisition gave nothing") : failure;
            failed = true;
            found.put(target, new Found(ShareAcquired.NOTHING, cause));
        } else if (given.ranges().isEmpty()) {
            found.remove(target);
        } else if (session.isClosed()) {
            // Acquired for a member that is gone.
            given.batches().release();
            release(target);
        } else {
            records += given.count();
            bytes += given.batches().readableBytes();
            found.put(target, new Found(given, null));
        }
    }

    private void release(ShareTarget target) {
        Partition partition = find(target);
        if (partition != null) {
            var unused = shares.release(partition, session.key().groupId(), session.member());
        }
    }

    private @Nullable Partition find(ShareTarget target) {
        try {
            return shares.partition(KafkaUuids.fromKafka(target.topicId()), target.partition());
        } catch (BrokerException notServed) {
            return null;
        }
    }

    /** @param forAny whether anything is enough, else there must be more in the log than now */
    private void park(boolean forAny) {
        parked = true;
        int present = rounds;
        if (timer == null) {
            timer = timers.schedule(
                    () -> session.connection().execute(this::hurry), Math.min(limits.maxWaitMs, LONGEST_WAIT_MS));
        }
        for (ShareTarget target : targets) {
            Partition partition = find(target);
            Runnable listener = () -> session.connection().execute(() -> wake(present));
            if (partition != null) {
                waits.add(
                        forAny
                                ? shares.await(partition, session.key().groupId(), listener)
                                : partition.awaitData(highWatermark(partition), listener));
            }
        }
    }

    private static long highWatermark(Partition partition) {
        try {
            return partition.highWatermark();
        } catch (BrokerException notServed) {
            return 0; // told at once
        }
    }

    /** Starts the next round, unless another wake-up of the same round has done so. */
    private void wake(int round) {
        if (parked && round == rounds) {
            parked = false;
            waits.forEach(Cancellation::cancel);
            waits.clear();
            if (session.isClosed()) {
                finish();
            } else {
                round();
            }
        }
    }

    private void finish() {
        OwnerLoop.Timer running = timer;
        if (running != null) {
            running.cancel();
        }
        session.onFetched(this);
        answer.complete(found);
    }
}
