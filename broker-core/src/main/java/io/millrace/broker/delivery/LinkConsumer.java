// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A JMS consumer of a link; owned by the link's loop. Closed ones stay while the session holds records of theirs. */
final class LinkConsumer {
    private final Holder holder;
    private final GroupKey key;
    private final ConsumerFilter filter;
    private final List<Partition> partitions;
    private @Nullable ParkedPull parked;
    private boolean closed;
    private int firstOffered;

    LinkConsumer(Holder holder, GroupKey key, ConsumerFilter filter, List<Partition> partitions) {
        this.holder = holder;
        this.key = key;
        this.filter = filter;
        this.partitions = List.copyOf(partitions);
    }

    Holder holder() {
        return holder;
    }

    GroupKey key() {
        return key;
    }

    ConsumerFilter filter() {
        return filter;
    }

    List<Partition> partitions() {
        return partitions;
    }

    /** The consumer's partition with this index. */
    @Nullable
    Partition partition(int index) {
        for (Partition partition : partitions) {
            if (partition.id().partition() == index) {
                return partition;
            }
        }
        return null;
    }

    /** The partitions in the order in which they may serve the next pull: the one that served last comes last. */
    List<Partition> inTurn() {
        List<Partition> turn = new ArrayList<>(partitions.size());
        for (int i = 0; i < partitions.size(); i++) {
            turn.add(partitions.get((firstOffered + i) % partitions.size()));
        }
        return turn;
    }

    void onServedBy(int partition) {
        for (int i = 0; i < partitions.size(); i++) {
            if (partitions.get(i).id().partition() == partition) {
                firstOffered = (i + 1) % partitions.size();
            }
        }
    }

    @Nullable
    ParkedPull parked() {
        return parked;
    }

    void park(ParkedPull pull) {
        parked = pull;
    }

    void unpark() {
        parked = null;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }
}
