// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.StoreCapabilities;
import io.millrace.broker.time.BrokerClock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A log store in memory, for tests. Appends become durable inside {@link PartitionLog#append} on the caller's thread,
 * unless {@link #holdAppends()} was called: then when the test releases them. What is durable outlives {@link
 * #crash()}, {@link #fail} and {@link #close()}: acquire again to see it. One lock guards all; futures complete outside
 * of it.
 */
public final class InMemoryLogStore implements LogStore {
    private final Map<PartitionId, DurablePartition> durable = new HashMap<>();
    private final Map<PartitionId, InMemoryLog> open = new HashMap<>();
    private final Deque<PendingAppend> pending = new ArrayDeque<>();
    private final BrokerClock clock;
    private boolean held;

    private final Map<Integer, CompletableFuture<Void>> recoveries = new ConcurrentHashMap<>();

    public InMemoryLogStore() {
        this(BrokerClock.SYSTEM);
    }

    /** @param clock says when segments were made and written */
    public InMemoryLogStore(BrokerClock clock) {
        this.clock = clock;
    }

    /** From now on appends wait for {@link #releaseAppends}. */
    public synchronized void holdAppends() {
        held = true;
    }

    /** Makes all waiting appends durable, in order, and later ones at once again. */
    public void releaseAppends() {
        synchronized (this) {
            held = false;
        }
        release(Integer.MAX_VALUE);
    }

    /** Makes the {@code count} oldest waiting appends durable; later ones still wait. */
    public void releaseAppends(int count) {
        release(count);
    }

    /** Appends that wait, of all logs. */
    public synchronized int pendingAppends() {
        return pending.size();
    }

    /** Ends ownership of one partition: its waiting appends fail, its listener is told. */
    public void fail(PartitionId partition, Reason reason) {
        InMemoryLog log;
        synchronized (this) {
            log = open.get(partition);
        }
        if (log != null) {
            lose(log, new StorageException(reason, partition + " failed on the test's request"));
        }
    }

    /** A crash of the process: waiting appends are gone, their futures never complete, no listener is told. */
    public synchronized void crash() {
        pending.forEach(append ->
                append.parts().forEach(part -> part.log().die(closed(part.log().partition()))));
        pending.clear();
        open.values().forEach(log -> log.die(closed(log.partition())));
        open.clear();
    }

    @Override
    public StoreCapabilities capabilities() {
        return new StoreCapabilities(true, false);
    }

    /** Acquisitions of partitions with this number wait for {@code until}, as for a recovery, and fail as it does. */
    public void holdAcquisitions(int partition, CompletableFuture<Void> until) {
        recoveries.put(partition, until);
    }

    @Override
    public CompletableFuture<PartitionLog> acquire(PartitionId partition, int leaderEpoch, LossListener listener) {
        return recoveries
                .getOrDefault(partition.partition(), CompletableFuture.completedFuture(null))
                .thenCompose(recovered -> acquireNow(partition, leaderEpoch, listener));
    }

    private CompletableFuture<PartitionLog> acquireNow(PartitionId partition, int leaderEpoch, LossListener listener) {
        InMemoryLog previous;
        InMemoryLog acquired;
        synchronized (this) {
            DurablePartition stored = durable.computeIfAbsent(partition, id -> new DurablePartition(id, clock));
            if (leaderEpoch <= stored.leaderEpoch()) {
                return CompletableFuture.failedFuture(new StorageException(
                        Reason.FENCED,
                        partition + " was acquired with epoch " + stored.leaderEpoch() + "; epoch " + leaderEpoch
                                + " is not above it"));
            }
            previous = open.get(partition);
        }
        if (previous != null) {
            lose(previous, new StorageException(Reason.FENCED, partition + " was acquired with epoch " + leaderEpoch));
        }
        synchronized (this) {
            DurablePartition stored = durable.get(partition);
            stored.startEpoch(leaderEpoch);
            acquired = new InMemoryLog(this, stored, leaderEpoch, listener);
            open.put(partition, acquired);
        }
        return CompletableFuture.completedFuture(acquired);
    }

    @Override
    public CompletableFuture<Void> append(List<LogAppend> appends) {
        PendingAppend append = new PendingAppend(new ArrayList<>(), new CompletableFuture<>());
        synchronized (this) {
            StorageException refusal = null;
            for (LogAppend each : appends) {
                InMemoryLog log = (InMemoryLog) each.log();
                refusal = log.cause() != null ? log.cause() : refusal;
            }
            for (LogAppend each : appends) {
                PendingPart part = PendingPart.consume(each);
                if (refusal == null) {
                    part.log().stored().reserve(each);
                    append.parts().add(part);
                }
            }
            if (refusal != null) {
                return CompletableFuture.failedFuture(refusal);
            }
            pending.add(append);
            if (held) {
                return append.future();
            }
        }
        release(Integer.MAX_VALUE);
        return append.future();
    }

    private void release(int count) {
        for (int i = 0; i < count; i++) {
            PendingAppend next;
            synchronized (this) {
                next = pending.poll();
                if (next == null) {
                    return;
                }
                next.parts().forEach(PendingPart::makeDurable);
            }
            next.future().complete(null);
        }
    }

    @Override
    public CompletableFuture<Void> delete(PartitionId partition) {
        InMemoryLog log;
        synchronized (this) {
            log = open.get(partition);
        }
        if (log != null) {
            lose(log, new StorageException(Reason.CLOSED, partition + " was deleted"));
        }
        synchronized (this) {
            durable.remove(partition);
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public synchronized Set<PartitionId> partitions() {
        return Set.copyOf(durable.keySet());
    }

    /** Ends ownership of all partitions; waiting appends become durable first. The store may be used again. */
    @Override
    public void close() {
        release(Integer.MAX_VALUE);
        synchronized (this) {
            open.values().forEach(log -> log.die(closed(log.partition())));
            open.clear();
        }
    }

    void close(InMemoryLog log) {
        release(Integer.MAX_VALUE);
        synchronized (this) {
            log.die(closed(log.partition()));
            open.remove(log.partition(), log);
        }
    }

    private void lose(InMemoryLog log, StorageException cause) {
        List<PendingAppend> failed = new ArrayList<>();
        synchronized (this) {
            if (!log.die(cause)) {
                return;
            }
            open.remove(log.partition(), log);
            pending.removeIf(append -> {
                boolean hit = append.parts().stream().anyMatch(part -> part.log() == log);
                return hit && failed.add(append);
            });
        }
        failed.forEach(append -> append.future().completeExceptionally(cause));
        log.listener().onLost(cause);
    }

    private static StorageException closed(PartitionId partition) {
        return new StorageException(Reason.CLOSED, partition + " is closed");
    }
}
