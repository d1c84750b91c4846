// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.time.BrokerClock;
import java.util.List;
import java.util.stream.IntStream;

/** The broker's owner loops; a partition always gets the same one. Safe for any thread. */
public final class OwnerLoops implements AutoCloseable {
    private final List<ThreadedOwnerLoop> loops;

    /** Starts {@code threads} loops, at least 1. */
    public OwnerLoops(int threads, BrokerClock clock) {
        if (threads < 1) {
            throw new IllegalArgumentException("owner.threads is " + threads + "; at least 1 is needed");
        }
        loops = IntStream.range(0, threads)
                .mapToObj(i -> new ThreadedOwnerLoop("millrace-owner-" + i, clock))
                .toList();
        loops.forEach(ThreadedOwnerLoop::start);
    }

    /** A loop for timers that belong to no partition. */
    public OwnerLoop timers() {
        return loops.get(0);
    }

    /** As many as the broker is configured to have; unless it says, half the cores, at least one. */
    public static OwnerLoops of(BrokerConfig config, BrokerClock clock) {
        int threads = config.get(BrokerConfigKeys.OWNER_THREADS);
        return new OwnerLoops(
                threads == 0 ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2) : threads, clock);
    }

    /** The loop of a partition. */
    public OwnerLoop loopOf(PartitionId partition) {
        return loops.get(Math.floorMod(partition.hashCode(), loops.size()));
    }

    /** A loop for work that is no partition's, such as a connection's; the same for the same key. */
    public OwnerLoop loopFor(long key) {
        return loops.get((int) Math.floorMod(key, (long) loops.size()));
    }

    /** Ends the loops after what is queued; timers that wait are dropped. Idempotent; blocks. */
    @Override
    public void close() {
        loops.forEach(ThreadedOwnerLoop::stop);
        loops.forEach(ThreadedOwnerLoop::join);
    }
}
