// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData;
import org.apache.kafka.common.message.OffsetForLeaderEpochRequestData.OffsetForLeaderPartition;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.EpochEndOffset;
import org.apache.kafka.common.message.OffsetForLeaderEpochResponseData.OffsetForLeaderTopicResult;

/** OffsetForLeaderEpoch: where a leader epoch ended, by which consumers notice a truncated log (KIP-101, KIP-320). */
final class OffsetForLeaderEpochHandler implements KafkaHandler<OffsetForLeaderEpochRequestData> {
    private static final int UNKNOWN = -1;

    private final Partitions partitions;

    OffsetForLeaderEpochHandler(Partitions partitions) {
        this.partitions = partitions;
    }

    @Override
    public CompletionStage<OffsetForLeaderEpochResponseData> handle(
            RequestContext context, OffsetForLeaderEpochRequestData request) {
        OffsetForLeaderEpochResponseData response = new OffsetForLeaderEpochResponseData();
        request.topics().forEach(topic -> {
            OffsetForLeaderTopicResult result = new OffsetForLeaderTopicResult().setTopic(topic.topic());
            topic.partitions().forEach(wanted -> result.partitions().add(find(topic.topic(), wanted)));
            response.topics().add(result);
        });
        return CompletableFuture.completedFuture(response);
    }

    private EpochEndOffset find(String topic, OffsetForLeaderPartition wanted) {
        EpochEndOffset result = new EpochEndOffset()
                .setPartition(wanted.partition())
                .setLeaderEpoch(UNKNOWN)
                .setEndOffset(UNKNOWN);
        try {
            Partition partition = partitions.get(topic, wanted.partition());
            LeaderEpochs.check(partition, wanted.currentLeaderEpoch());
            partition
                    .endOffsetForEpoch(wanted.leaderEpoch())
                    .ifPresent(end -> result.setLeaderEpoch(end.leaderEpoch()).setEndOffset(end.endOffset()));
        } catch (BrokerException refused) {
            result.setErrorCode(KafkaErrors.of(refused).code());
        }
        return result;
    }
}
