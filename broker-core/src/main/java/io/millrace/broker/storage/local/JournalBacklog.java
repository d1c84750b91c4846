// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What the journal of the last run holds for partitions whose files were not brought up to it yet (decision 24). Each
 * is once, by whoever acquires it or in the background, and before anybody uses it. Until all of them are, no sync round
 * covers what the last run wrote, and so its journal files are kept. Any thread.
 */
final class JournalBacklog {
    private final Map<PartitionKey, List<JournalScan.Entry>> waiting;
    private final AtomicInteger left;
    private final long syncedSequence;
    private volatile boolean damaged;
    /** Whether a round could not cover what it should have. */
    private volatile boolean roundWanted;

    private volatile Runnable onOver = () -> {};

    /**
     * @param entries by partition, oldest first
     * @param damaged whether the files of some partition can not be brought up to the journal
     * @param syncedSequence up to there everything is synced in the partitions' files
     */
    JournalBacklog(Map<PartitionKey, List<JournalScan.Entry>> entries, boolean damaged, long syncedSequence) {
        this.waiting = new ConcurrentHashMap<>(entries);
        this.left = new AtomicInteger(entries.size());
        this.damaged = damaged;
        this.syncedSequence = syncedSequence;
    }

    /** Of a store whose partitions were recovered before it opened. */
    static JournalBacklog none() {
        return new JournalBacklog(Map.of(), false, 0);
    }

    /** The partitions that wait. */
    Set<PartitionKey> partitions() {
        return Set.copyOf(waiting.keySet());
    }

    /** What a partition's files may lack. */
    List<JournalScan.Entry> of(PartitionKey partition) {
        return waiting.getOrDefault(partition, List.of());
    }

    /**
     * A partition's files hold all that the journal had for it, or never will.
     *
     * @param whole false when they never will: the journal is set aside then, for who repairs the partition
     */
    void done(PartitionKey partition, boolean whole) {
        if (!waiting.containsKey(partition)) {
            return;
        }
        if (!whole) {
            damaged = true;
        }
        if (waiting.remove(partition) != null && left.decrementAndGet() == 0 && (roundWanted || damaged)) {
            onOver.run();
        }
    }

    /** Whether no partition waits any more. */
    boolean isOver() {
        return left.get() == 0;
    }

    /** Whether the journal files of the last run are to be kept. */
    boolean isDamaged() {
        return damaged;
    }

    /**
     * What a sync round covers that begins now. Ask before looking for what is to be synced: what is recovered
     * meanwhile it may miss.
     *
     * @param appliedSequence up to there the partitions' files hold what this run wrote
     */
    long covered(long appliedSequence) {
        // In this order: who ends the backlog looks at it after.
        roundWanted = true;
        return isOver() ? appliedSequence : syncedSequence;
    }

    /** Once; begins a sync round where one is due when the backlog is over. */
    void whenOver(Runnable beginRound) {
        onOver = beginRound;
        if (isOver() && damaged) {
            beginRound.run();
        }
    }
}
