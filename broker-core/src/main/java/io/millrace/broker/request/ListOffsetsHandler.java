// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;

/** ListOffsets: earliest, latest, by timestamp, and the largest timestamp. */
final class ListOffsetsHandler implements KafkaHandler<ListOffsetsRequestData> {
    private static final int FIRST_VERSION_WITH_EPOCH = 4;
    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;

    private final Partitions partitions;

    ListOffsetsHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public CompletionStage<ListOffsetsResponseData> handle(RequestContext context, ListOffsetsRequestData request) {
        boolean withEpoch = context.apiVersion() >= FIRST_VERSION_WITH_EPOCH;
        List<CompletableFuture<ListOffsetsTopicResponse>> answers = new ArrayList<>();
        request.topics().forEach(topic -> answers.add(list(topic, withEpoch)));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    ListOffsetsResponseData response = new ListOffsetsResponseData();
                    answers.forEach(answer -> response.topics().add(answer.join()));
                    return response;
                });
    }

    private CompletableFuture<ListOffsetsTopicResponse> list(ListOffsetsTopic topic, boolean withEpoch) {
        List<CompletableFuture<ListOffsetsPartitionResponse>> answers = new ArrayList<>();
        for (ListOffsetsPartition wanted : topic.partitions()) {
            answers.add(find(topic.name(), wanted).handle((found, failure) -> {
                ListOffsetsPartitionResponse response =
                        new ListOffsetsPartitionResponse().setPartitionIndex(wanted.partitionIndex());
                if (failure != null) {
                    return response.setErrorCode(KafkaErrors.of(failure).code());
                }
                response.setOffset(found.offset()).setTimestamp(found.timestampMs());
                return withEpoch ? response.setLeaderEpoch(found.leaderEpoch()) : response;
            }));
        }
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(done -> {
                    ListOffsetsTopicResponse response = new ListOffsetsTopicResponse().setName(topic.name());
                    answers.forEach(answer -> response.partitions().add(answer.join()));
                    return response;
                });
    }

    private CompletableFuture<Found> find(String topic, ListOffsetsPartition wanted) {
        try {
            Partition partition = partitions.get(topic, wanted.partitionIndex());
            LeaderEpochs.check(partition, wanted.currentLeaderEpoch());
            return find(partition, wanted.timestamp());
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private static CompletableFuture<Found> find(Partition partition, long timestamp) {
        int epoch = partition.leaderEpoch();
        if (timestamp == LATEST) {
            return CompletableFuture.completedFuture(new Found(partition.highWatermark(), -1, epoch));
        }
        if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) {
            return CompletableFuture.completedFuture(new Found(partition.startOffset(), -1, epoch));
        }
        if (timestamp == MAX_TIMESTAMP) {
            return LargestTimestamp.find(partition)
                    .thenApply(found -> found.map(at -> new Found(at.offset(), at.timestampMs(), epoch))
                            .orElse(Found.NOTHING));
        }
        if (timestamp < 0) {
            // Tiered storage's offsets: there is none.
            return CompletableFuture.completedFuture(Found.NOTHING);
        }
        return partition
                .offsetForTimestamp(timestamp)
                .thenApply(found -> found.map(at -> new Found(at.offset(), at.timestampMs(), epoch))
                        .orElse(Found.NOTHING));
    }

    private record Found(long offset, long timestampMs, int leaderEpoch) {
        static final Found NOTHING = new Found(-1, -1, -1);
    }
}
