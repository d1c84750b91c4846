// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static io.millrace.broker.acl.Operation.ALTER;
import static io.millrace.broker.acl.Operation.CLUSTER_ACTION;
import static io.millrace.broker.acl.Operation.DESCRIBE;
import static io.millrace.broker.acl.Operation.READ;
import static io.millrace.broker.acl.Operation.WRITE;

import io.millrace.broker.request.RequestFilter.Next;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnPartitionResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult;
import org.apache.kafka.common.message.DescribeProducersRequestData;
import org.apache.kafka.common.message.DescribeProducersResponseData;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;
import org.apache.kafka.common.message.ListTransactionsRequestData;
import org.apache.kafka.common.message.ListTransactionsResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic;
import org.apache.kafka.common.message.WriteTxnMarkersRequestData;
import org.apache.kafka.common.message.WriteTxnMarkersResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Transactions: the transactional id, and what is written within them. */
final class TransactionRules {
    private static final short ID_DENIED = Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED.code();
    private static final short FIRST_BATCHED_VERSION = 4;

    private TransactionRules() {}

    static AccessRules add(AccessRules rules) {
        return rules.on(
                        ApiKeys.ADD_PARTITIONS_TO_TXN,
                        AddPartitionsToTxnRequestData.class,
                        TransactionRules::addPartitions)
                .on(ApiKeys.ADD_OFFSETS_TO_TXN, AddOffsetsToTxnRequestData.class, TransactionRules::addOffsets)
                .on(ApiKeys.TXN_OFFSET_COMMIT, TxnOffsetCommitRequestData.class, TransactionRules::commitOffsets)
                .whole(
                        ApiKeys.END_TXN,
                        EndTxnRequestData.class,
                        (access, request) -> access.transaction(WRITE, request.transactionalId()),
                        request -> new EndTxnResponseData().setErrorCode(ID_DENIED))
                .whole(
                        ApiKeys.WRITE_TXN_MARKERS,
                        WriteTxnMarkersRequestData.class,
                        (access, request) -> access.cluster(CLUSTER_ACTION) || access.cluster(ALTER),
                        TransactionRules::markersRefused)
                .on(ApiKeys.DESCRIBE_PRODUCERS, DescribeProducersRequestData.class, TransactionRules::describeProducers)
                .on(
                        ApiKeys.DESCRIBE_TRANSACTIONS,
                        DescribeTransactionsRequestData.class,
                        TransactionRules::describeTransactions)
                .on(ApiKeys.LIST_TRANSACTIONS, ListTransactionsRequestData.class, TransactionRules::listTransactions);
    }

    private static CompletionStage<? extends @Nullable ApiMessage> addPartitions(
            Access access, AddPartitionsToTxnRequestData request, Next next) {
        if (access.version() >= FIRST_BATCHED_VERSION) {
            return access.cluster(CLUSTER_ACTION)
                    ? next.handle(request)
                    : CompletableFuture.completedFuture(new AddPartitionsToTxnResponseData()
                            .setErrorCode(Errors.CLUSTER_AUTHORIZATION_FAILED.code()));
        }
        if (!access.transaction(WRITE, request.v3AndBelowTransactionalId())) {
            return CompletableFuture.completedFuture(
                    refused(request, topic -> Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED));
        }
        boolean all = request.v3AndBelowTopics().stream().allMatch(topic -> access.topic(WRITE, topic.name()));
        return all
                ? next.handle(request)
                : CompletableFuture.completedFuture(refused(
                        request,
                        topic -> access.topic(WRITE, topic)
                                ? Errors.OPERATION_NOT_ATTEMPTED
                                : Errors.TOPIC_AUTHORIZATION_FAILED));
    }

    private static AddPartitionsToTxnResponseData refused(
            AddPartitionsToTxnRequestData request, Function<String, Errors> error) {
        AddPartitionsToTxnResponseData response = new AddPartitionsToTxnResponseData();
        for (AddPartitionsToTxnTopic topic : request.v3AndBelowTopics()) {
            AddPartitionsToTxnTopicResult result = new AddPartitionsToTxnTopicResult().setName(topic.name());
            topic.partitions()
                    .forEach(index -> result.resultsByPartition()
                            .add(new AddPartitionsToTxnPartitionResult()
                                    .setPartitionIndex(index)
                                    .setPartitionErrorCode(
                                            error.apply(topic.name()).code())));
            response.resultsByTopicV3AndBelow().add(result);
        }
        return response;
    }

    private static CompletionStage<? extends @Nullable ApiMessage> addOffsets(
            Access access, AddOffsetsToTxnRequestData request, Next next) {
        Errors error = !access.transaction(WRITE, request.transactionalId())
                ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                : access.group(READ, request.groupId()) ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
        return error == Errors.NONE
                ? next.handle(request)
                : CompletableFuture.completedFuture(new AddOffsetsToTxnResponseData().setErrorCode(error.code()));
    }

    private static CompletionStage<? extends @Nullable ApiMessage> commitOffsets(
            Access access, TxnOffsetCommitRequestData request, Next next) {
        Errors error = !access.transaction(WRITE, request.transactionalId())
                ? Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED
                : access.group(READ, request.groupId()) ? Errors.NONE : Errors.GROUP_AUTHORIZATION_FAILED;
        if (error != Errors.NONE) {
            return CompletableFuture.completedFuture(new TxnOffsetCommitResponseData()
                    .setTopics(request.topics().stream()
                            .map(topic -> refused(topic, error))
                            .toList()));
        }
        List<TxnOffsetCommitResponseTopic> denied = new ArrayList<>();
        TxnOffsetCommitRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, topic.name(), topic.topicId());
            if (refuse) {
                denied.add(refused(topic, Errors.TOPIC_AUTHORIZATION_FAILED));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                TxnOffsetCommitResponseData.class,
                response -> response.setTopics(AccessRules.joined(response.topics(), denied)));
    }

    private static TxnOffsetCommitResponseTopic refused(TxnOffsetCommitRequestTopic topic, Errors error) {
        return new TxnOffsetCommitResponseTopic()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setPartitions(topic.partitions().stream()
                        .map(partition -> new TxnOffsetCommitResponsePartition()
                                .setPartitionIndex(partition.partitionIndex())
                                .setErrorCode(error.code()))
                        .toList());
    }

    private static WriteTxnMarkersResponseData markersRefused(WriteTxnMarkersRequestData request) {
        short denied = Errors.CLUSTER_AUTHORIZATION_FAILED.code();
        return new WriteTxnMarkersResponseData()
                .setMarkers(request.markers().stream()
                        .map(marker -> new WriteTxnMarkersResponseData.WritableTxnMarkerResult()
                                .setProducerId(marker.producerId())
                                .setTopics(marker.topics().stream()
                                        .map(topic -> new WriteTxnMarkersResponseData.WritableTxnMarkerTopicResult()
                                                .setName(topic.name())
                                                .setPartitions(topic.partitionIndexes().stream()
                                                        .map(index ->
                                                                new WriteTxnMarkersResponseData
                                                                                .WritableTxnMarkerPartitionResult()
                                                                        .setPartitionIndex(index)
                                                                        .setErrorCode(denied))
                                                        .toList()))
                                        .toList()))
                        .toList());
    }

    private static CompletionStage<? extends @Nullable ApiMessage> describeProducers(
            Access access, DescribeProducersRequestData request, Next next) {
        List<DescribeProducersResponseData.TopicResponse> denied = new ArrayList<>();
        DescribeProducersRequestData allowed = request.duplicate();
        allowed.topics().removeIf(topic -> {
            boolean refuse = !access.topic(READ, topic.name());
            if (refuse) {
                denied.add(new DescribeProducersResponseData.TopicResponse()
                        .setName(topic.name())
                        .setPartitions(topic.partitionIndexes().stream()
                                .map(index -> new DescribeProducersResponseData.PartitionResponse()
                                        .setPartitionIndex(index)
                                        .setErrorCode(Errors.TOPIC_AUTHORIZATION_FAILED.code()))
                                .toList()));
            }
            return refuse;
        });
        return AccessRules.after(
                next.handle(allowed),
                DescribeProducersResponseData.class,
                response -> response.setTopics(AccessRules.joined(response.topics(), denied)));
    }

    /** Topics that may not be described are left out. */
    private static CompletionStage<? extends @Nullable ApiMessage> describeTransactions(
            Access access, DescribeTransactionsRequestData request, Next next) {
        List<DescribeTransactionsResponseData.TransactionState> denied = new ArrayList<>();
        DescribeTransactionsRequestData allowed = request.duplicate();
        allowed.transactionalIds().removeIf(id -> {
            boolean refuse = !access.transaction(DESCRIBE, id);
            if (refuse) {
                denied.add(new DescribeTransactionsResponseData.TransactionState()
                        .setTransactionalId(id)
                        .setErrorCode(ID_DENIED));
            }
            return refuse;
        });
        return AccessRules.after(next.handle(allowed), DescribeTransactionsResponseData.class, response -> {
            response.transactionStates()
                    .forEach(state -> state.topics().removeIf(topic -> !access.topic(DESCRIBE, topic.topic())));
            response.setTransactionStates(AccessRules.joined(response.transactionStates(), denied));
        });
    }

    private static CompletionStage<? extends @Nullable ApiMessage> listTransactions(
            Access access, ListTransactionsRequestData request, Next next) {
        return AccessRules.after(
                next.handle(request),
                ListTransactionsResponseData.class,
                response -> response.setTransactionStates(response.transactionStates().stream()
                        .filter(state -> access.transaction(DESCRIBE, state.transactionalId()))
                        .toList()));
    }
}
