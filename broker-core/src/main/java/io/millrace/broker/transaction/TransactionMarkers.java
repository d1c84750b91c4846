// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.record.TransactionMarker;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends transactions in the partitions of this broker: by a marker in a log, by an order to the groups in a partition of
 * {@code __consumer_offsets}. Safe for any thread.
 */
public final class TransactionMarkers {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionMarkers.class);

    private final Cluster cluster;
    private final Partitions partitions;
    private final GroupCoordinator groups;

    public TransactionMarkers(Cluster cluster, Partitions partitions, GroupCoordinator groups) {
        this.cluster = cluster;
        this.partitions = partitions;
        this.groups = groups;
    }

    /** Completes with the partitions where it could not be done yet; never fails. */
    CompletableFuture<Set<PartitionId>> write(
            ProducerIdentity producer, boolean commit, int coordinatorEpoch, Set<PartitionId> where) {
        TransactionMarker marker = new TransactionMarker(commit, coordinatorEpoch);
        Map<PartitionId, CompletableFuture<Void>> written = new HashMap<>();
        where.forEach(id -> written.put(id, end(id, producer, marker)));
        Set<PartitionId> left = new HashSet<>();
        CompletableFuture<Set<PartitionId>> all = CompletableFuture.completedFuture(left);
        for (Map.Entry<PartitionId, CompletableFuture<Void>> one : written.entrySet()) {
            all = all.thenCombine(
                    one.getValue().handle((done, failure) -> failure == null || isFinal(one.getKey(), failure)),
                    (set, done) -> {
                        if (!done) {
                            set.add(one.getKey());
                        }
                        return set;
                    });
        }
        return all;
    }

    /** Whether there is no use in trying again: the producer was fenced by a later marker, or the topic is gone. */
    private boolean isFinal(PartitionId id, Throwable failure) {
        Throwable cause = Completions.unwrap(failure);
        boolean fenced = cause instanceof BrokerException broker
                && (broker.code() == Code.INVALID_PRODUCER_EPOCH || broker.code() == Code.COORDINATOR_FENCED);
        boolean deleted = !cluster.view().topics().isEmpty() && cluster.view().topic(id.topicId()) == null;
        if (fenced) {
            LOG.warn("A marker for {} came too late: {}", id, cause.getMessage());
        }
        return fenced || deleted;
    }

    /**
     * Ends a producer's transaction in one partition, when that is durable. Fails with a {@link BrokerException} or a
     * group's exception.
     */
    public CompletableFuture<Void> end(PartitionId id, ProducerIdentity producer, TransactionMarker marker) {
        if (id.topic().equals(ReservedNames.GROUPS_TOPIC)) {
            return groups.endTransaction(id, producer.id(), marker.commit());
        }
        CompletableFuture<Void> done = new CompletableFuture<>();
        Partition partition = partitions.find(id);
        if (partition == null) {
            done.completeExceptionally(new BrokerException(
                    Code.NOT_LEADER, "Partition " + id + " is not owned by this broker; look its leader up again"));
            return done;
        }
        partition.execute(() -> Completions.whenDone(
                partition.endTransaction(producer.id(), producer.epoch(), marker), (appended, failure) -> {
                    if (failure == null) {
                        done.complete(null);
                    } else {
                        done.completeExceptionally(failure);
                    }
                }));
        return done;
    }
}
