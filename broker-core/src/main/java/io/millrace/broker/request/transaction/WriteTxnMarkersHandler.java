// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.request.Answers;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.protocol.record.TransactionMarker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarker;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData.WritableTxnMarkerTopic;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerPartitionResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerResult;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData.WritableTxnMarkerTopicResult;
import org.apache.kafka.common.protocol.Errors;

/** WriteTxnMarkers: ends transactions in partitions; of operators who abort one that hangs (KIP-664). */
record WriteTxnMarkersHandler(TransactionCoordinator transactions, Cluster cluster)
        implements KafkaHandler<WriteTxnMarkersRequestData> {

    @Override
    public CompletionStage<WriteTxnMarkersResponseData> handle(
            RequestContext context, WriteTxnMarkersRequestData request) {
        List<CompletableFuture<WritableTxnMarkerResult>> answers = new ArrayList<>();
        for (WritableTxnMarker marker : request.markers()) {
            answers.add(write(marker));
        }
        return Answers.all(answers).thenApply(markers -> new WriteTxnMarkersResponseData().setMarkers(markers));
    }

    private CompletableFuture<WritableTxnMarkerResult> write(WritableTxnMarker marker) {
        List<CompletableFuture<WritableTxnMarkerTopicResult>> topics = new ArrayList<>();
        for (WritableTxnMarkerTopic topic : marker.topics()) {
            List<CompletableFuture<WritableTxnMarkerPartitionResult>> partitions = new ArrayList<>();
            for (int index : topic.partitionIndexes()) {
                partitions.add(write(marker, topic.name(), index)
                        .handle((done, failure) ->
                                result(index, failure == null ? Errors.NONE : KafkaErrors.of(failure))));
            }
            topics.add(Answers.all(partitions)
                    .thenApply(results -> new WritableTxnMarkerTopicResult()
                            .setName(topic.name())
                            .setPartitions(results)));
        }
        return Answers.all(topics)
                .thenApply(results -> new WritableTxnMarkerResult()
                        .setProducerId(marker.producerId())
                        .setTopics(results));
    }

    private static WritableTxnMarkerPartitionResult result(int index, Errors error) {
        return new WritableTxnMarkerPartitionResult().setPartitionIndex(index).setErrorCode(error.code());
    }

    private CompletableFuture<Void> write(WritableTxnMarker marker, String topic, int index) {
        TopicInfo info = cluster.view().topic(topic);
        if (info == null || index < 0 || index >= info.partitions().size()) {
            return CompletableFuture.failedFuture(
                    new BrokerException(Code.UNKNOWN_TOPIC, "There is no partition " + topic + "-" + index));
        }
        return transactions
                .markers()
                .end(
                        new PartitionId(info.id(), info.name(), index),
                        new ProducerIdentity(marker.producerId(), marker.producerEpoch()),
                        new TransactionMarker(marker.transactionResult(), marker.coordinatorEpoch()));
    }
}
