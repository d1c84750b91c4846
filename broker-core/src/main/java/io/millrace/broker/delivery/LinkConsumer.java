// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A JMS consumer of a link; owned by the link's loop. Closed ones stay while the session holds records of theirs. */
final class LinkConsumer {
    private final Holder holder;
    private final ConsumerFilter filter;
    private final List<Partition> partitions;
    private final Wish wish;
    private volatile GroupKey key;
    private @Nullable ParkedPull parked;
    private boolean closed;
    private int firstOffered;

    LinkConsumer(Holder holder, GroupKey key, ConsumerFilter filter, List<Partition> partitions, Wish wish) {
        this.holder = holder;
        this.key = key;
        this.filter = filter;
        this.partitions = List.copyOf(partitions);
        this.wish = wish;
    }

    /**
     * What the consumer asked for.
     *
     * @param topicId the topic it reads
     * @param spec the subscription it names
     * @param startAtMs where that begins if it does not exist, see {@link io.millrace.protocol.message.Subscribe}
     */
    record Wish(UUID topicId, SubscriptionSpec spec, long startAtMs) {}

    Wish wish() {
        return wish;
    }

    /** Settles, while it is opened, which group it reads through. */
    void readThrough(GroupKey group) {
        key = group;
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
