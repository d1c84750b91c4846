// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.partition.TimestampLookup;
import io.millrace.broker.partition.TimestampLookup.Found;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.ListOffsetsResponseData;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsPartitionResponse;
import org.apache.kafka.common.message.ListOffsetsResponseData.ListOffsetsTopicResponse;
import org.apache.kafka.common.protocol.Errors;

/** ListOffsets: earliest, latest, by timestamp, and the largest timestamp; nothing is tiered. */
final class ListOffsetsHandler implements KafkaHandler<ListOffsetsRequestData> {
    private static final int FIRST_VERSION_WITH_EPOCH = 4;
    private static final byte READ_COMMITTED = 1;
    private static final long LATEST = -1;
    private static final long EARLIEST = -2;
    private static final long MAX_TIMESTAMP = -3;
    private static final long EARLIEST_LOCAL = -4;
    private static final long LATEST_TIERED = -5;
    private static final long EARLIEST_PENDING_UPLOAD = -6;

    /** The timestamps that stand for something else, with the first version that knows them. */
    private static final Map<Long, Integer> SPECIAL = Map.of(
            LATEST, 1, EARLIEST, 1, MAX_TIMESTAMP, 7, EARLIEST_LOCAL, 8, LATEST_TIERED, 9, EARLIEST_PENDING_UPLOAD, 11);

    private static final Found NOTHING = new Found(-1, -1, -1);

    private final Partitions partitions;

    ListOffsetsHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public CompletionStage<ListOffsetsResponseData> handle(RequestContext context, ListOffsetsRequestData request) {
        List<CompletableFuture<ListOffsetsTopicResponse>> answers = new ArrayList<>();
        request.topics()
                .forEach(topic ->
                        answers.add(list(topic, context.apiVersion(), request.isolationLevel() == READ_COMMITTED)));
        return Answers.all(answers).thenApply(topics -> new ListOffsetsResponseData().setTopics(topics));
    }

    private CompletableFuture<ListOffsetsTopicResponse> list(ListOffsetsTopic topic, short version, boolean committed) {
        List<CompletableFuture<ListOffsetsPartitionResponse>> answers = new ArrayList<>();
        Set<Integer> seen = new HashSet<>();
        for (ListOffsetsPartition wanted : topic.partitions()) {
            boolean twice = !seen.add(wanted.partitionIndex());
            answers.add(Answers.attempt(() -> find(topic.name(), wanted, version, twice, committed))
                    .handle((found, failure) -> {
                        ListOffsetsPartitionResponse response =
                                new ListOffsetsPartitionResponse().setPartitionIndex(wanted.partitionIndex());
                        if (failure != null) {
                            return response.setErrorCode(KafkaErrors.of(failure).code());
                        }
                        response.setOffset(found.offset()).setTimestamp(found.timestampMs());
                        return version >= FIRST_VERSION_WITH_EPOCH
                                ? response.setLeaderEpoch(found.leaderEpoch())
                                : response;
                    }));
        }
        return Answers.all(answers)
                .thenApply(found ->
                        new ListOffsetsTopicResponse().setName(topic.name()).setPartitions(found));
    }

    private CompletableFuture<Found> find(
            String topic, ListOffsetsPartition wanted, short version, boolean twice, boolean committed) {
        if (twice) {
            throw new RefusedException(
                    Errors.INVALID_REQUEST, "Partition " + topic + "-" + wanted.partitionIndex() + " is named twice");
        }
        long timestamp = wanted.timestamp();
        if (timestamp < 0 && version < SPECIAL.getOrDefault(timestamp, Integer.MAX_VALUE)) {
            throw new RefusedException(
                    Errors.UNSUPPORTED_VERSION, "Timestamp " + timestamp + " stands for nothing in version " + version);
        }
        Partition partition = partitions.get(topic, wanted.partitionIndex());
        LeaderEpochs.check(partition, wanted.currentLeaderEpoch());
        return find(partition, timestamp, committed);
    }

    /** To who reads committed records only the log ends at the last stable offset. */
    private static CompletableFuture<Found> find(Partition partition, long timestamp, boolean committed) {
        int epoch = partition.leaderEpoch();
        long end = committed ? partition.lastStableOffset() : partition.highWatermark();
        if (timestamp == LATEST) {
            return CompletableFuture.completedFuture(new Found(end, -1, epoch));
        }
        if (timestamp == EARLIEST || timestamp == EARLIEST_LOCAL) {
            return CompletableFuture.completedFuture(new Found(partition.startOffset(), -1, epoch));
        }
        if (timestamp == LATEST_TIERED || timestamp == EARLIEST_PENDING_UPLOAD) {
            return CompletableFuture.completedFuture(NOTHING);
        }
        return (timestamp == MAX_TIMESTAMP
                        ? TimestampLookup.largest(partition)
                        : TimestampLookup.firstAtOrAfter(partition, timestamp))
                .thenApply(
                        found -> found.filter(record -> record.offset() < end).orElse(NOTHING));
    }
}
