// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Moves records from where they are to a queue: both in one atomic append, so that neither is without the other. */
final class DeadLetters {
    private final Cluster cluster;
    private final Partitions partitions;

    DeadLetters(Cluster cluster, Partitions partitions) {
        this.cluster = cluster;
        this.partitions = partitions;
    }

    /** What a move does at the source; computed while source and target are held. */
    record Move(List<DeadLetter> letters, List<StateRecord> state) {}

    /**
     * Appends copies to a queue and state to the source. Completes when both are durable; fails, and nothing has
     * happened, when the queue is not served by this broker, is no queue, or the store refuses.
     *
     * @param move called on the loop that holds both; may throw to refuse
     */
    CompletableFuture<Void> move(Partition source, String queue, Supplier<Move> move) {
        return target(queue).thenCompose(target -> {
            if (source.isTemporary()) {
                // It is in memory and dies with this broker: the copy goes first, so that it is never without both.
                return moveInTwoSteps(source, target, move);
            }
            return partitions
                    .atomically(Set.of(source.id(), target.id()), held -> appends(source, target, move.get()))
                    .thenApply(done -> null);
        });
    }

    private CompletableFuture<Void> moveInTwoSteps(Partition source, Partition target, Supplier<Move> move) {
        return Calls.on(source::execute, () -> CompletableFuture.completedFuture(move.get()))
                .thenCompose(made -> partitions
                        .atomically(Set.of(target.id()), held -> Map.of(target.id(), copies(made)))
                        .thenCompose(done -> Calls.on(
                                source::execute,
                                () -> source.append(Append.ofState(made.state()))
                                        .thenApply(appended -> (Void) null))));
    }

    private static Map<PartitionId, Append> appends(Partition source, Partition target, Move move) {
        Map<PartitionId, Append> appends = new LinkedHashMap<>();
        appends.put(source.id(), Append.ofState(move.state()));
        if (!move.letters().isEmpty()) {
            appends.put(target.id(), copies(move));
        }
        return appends;
    }

    private static Append copies(Move move) {
        try (BatchBuilder builder = new BatchBuilder(PooledByteBufAllocator.DEFAULT)) {
            for (DeadLetter letter : move.letters()) {
                builder.add(letter.timestampMs(), letter.key(), letter.value(), letter.headers());
            }
            ByteBuf batch = builder.build();
            return new Append(List.of(batch), List.of(), Origin.BROKER);
        }
    }

    private CompletableFuture<Partition> target(String queue) {
        TopicInfo known = cluster.view().topic(queue);
        CompletableFuture<TopicInfo> topic = known != null
                ? CompletableFuture.completedFuture(known)
                : cluster.createTopic(queue, 1, Map.of(JmsKind.CONFIG, JmsKind.value(DestinationKind.QUEUE)))
                        .thenCompose(partitions::whenServing);
        return topic.thenApply(this::served);
    }

    private Partition served(TopicInfo topic) {
        JmsKind.check(topic, DestinationKind.QUEUE);
        for (int i = 0; i < topic.partitions().size(); i++) {
            Partition partition = partitions.find(new PartitionId(topic.id(), topic.name(), i));
            if (partition != null && partition.isServing()) {
                return partition;
            }
        }
        throw new BrokerException(
                Code.NOT_LEADER, "No partition of queue " + topic.name() + " is served by this broker now");
    }
}
