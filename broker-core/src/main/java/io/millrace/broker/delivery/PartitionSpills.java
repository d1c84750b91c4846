// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The committed sends on the disk that one partition is being given, piece by piece, in the order of their commits. What
 * is there of them is hidden until all of it is durable. Owned by the partition's loop, but for {@link #stable}.
 *
 * <pre>
 *   none --committed--> applying --a piece--> applying --the last piece--> none
 * </pre>
 */
final class PartitionSpills {
    private static final long OPEN = Long.MAX_VALUE;

    private final PartitionId partition;
    private final SpillIndex index;
    private final Map<UUID, Applying> applying = new LinkedHashMap<>();
    private volatile List<Hidden> hidden = List.of();
    private boolean serving;
    /** Whether somebody applies the first of them. */
    private boolean busy;

    /**
     * One that is being applied.
     *
     * @param committedBy the id under which the commit's outcome is remembered
     * @param next the offset in its log from which on it is to be applied yet
     * @param first the offset of its first record in the partition; meaningful once a piece is applied
     */
    record Applying(UUID committedBy, Spilled spilled, long next, long first) {
        /** One that was committed just now. */
        static Applying of(UUID committedBy, Spilled spilled) {
            return new Applying(committedBy, spilled, 0, 0);
        }
    }

    /** @param end one above the last of its records in the partition; {@link #OPEN} while there will be more */
    private record Hidden(UUID log, long first, long end) {}

    PartitionSpills(PartitionId partition, SpillIndex index) {
        this.partition = partition;
        this.index = index;
    }

    void begin(Applying committed) {
        applying.put(committed.spilled.log(), committed);
        if (committed.next > 0) {
            hide(committed);
        }
        if (serving) {
            index.put(partition, committed.committedBy, committed.spilled);
        }
    }

    /** From its first record on, not from its commit: those before it in the order may be applied yet. */
    private void hide(Applying begun) {
        List<Hidden> all = new ArrayList<>(hidden);
        all.add(new Hidden(begun.spilled.log(), begun.first, OPEN));
        hidden = List.copyOf(all);
    }

    /**
     * A piece is in the partition.
     *
     * @param next where the next one begins in the log
     * @param dataFirst its first record's offset in the partition
     * @param dataEnd one above its last record's
     */
    void applied(UUID log, long next, long dataFirst, long dataEnd) {
        Applying before = applying.get(log);
        if (before == null) {
            return;
        }
        Applying of =
                new Applying(before.committedBy, before.spilled, next, before.next == 0 ? dataFirst : before.first);
        if (before.next == 0) {
            hide(of);
        }
        if (next < of.spilled.end()) {
            applying.put(log, of);
            return;
        }
        applying.remove(log);
        hidden = hidden.stream()
                .map(one -> one.log.equals(log) ? new Hidden(log, one.first, dataEnd) : one)
                .toList();
    }

    /** Where a reader has to stop, at most a high watermark that was read before. Any thread. */
    long stable(long highWatermark) {
        long stable = highWatermark;
        List<Hidden> all = hidden;
        for (int i = 0; i < all.size(); i++) {
            Hidden one = all.get(i);
            if (one.end > highWatermark && one.first < stable) {
                stable = one.first;
            }
        }
        return stable;
    }

    /** What is durable as a whole is hidden no more. */
    void onHighWatermark(long highWatermark) {
        if (!hidden.isEmpty()) {
            hidden = hidden.stream().filter(one -> one.end > highWatermark).toList();
        }
    }

    /** In the order of their commits. */
    Collection<Applying> all() {
        return List.copyOf(applying.values());
    }

    /** The first one, for the caller to apply; {@code null} when there is none or another applies it. */
    @Nullable
    Applying takeUp() {
        if (busy || applying.isEmpty()) {
            return null;
        }
        busy = true;
        return applying.values().iterator().next();
    }

    /** How far one is; {@code null} when it is done. */
    @Nullable
    Applying find(UUID log) {
        return applying.get(log);
    }

    /** What was taken up is done. */
    void putDown() {
        busy = false;
    }

    void onServing() {
        serving = true;
        applying.values().forEach(one -> index.put(partition, one.committedBy, one.spilled));
    }

    void clear() {
        if (serving) {
            index.onLost(partition);
        }
        applying.clear();
        hidden = List.of();
    }
}
