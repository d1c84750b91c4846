// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.group.CommitRequest;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.MemberIdentity;
import io.millrace.broker.group.OffsetKey;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestPartition;
import org.apache.kafka.common.message.TxnOffsetCommitRequestData.TxnOffsetCommitRequestTopic;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponsePartition;
import org.apache.kafka.common.message.TxnOffsetCommitResponseData.TxnOffsetCommitResponseTopic;
import org.apache.kafka.common.protocol.Errors;

/**
 * TxnOffsetCommit: offsets that count when the producer's transaction is committed (KIP-98, KIP-447). From version 5 on
 * the group becomes part of the transaction by it (KIP-890); before, AddOffsetsToTxn makes it so.
 */
record TxnOffsetCommitHandler(GroupCoordinator groups, TransactionCoordinator transactions, Cluster cluster)
        implements KafkaHandler<TxnOffsetCommitRequestData> {
    private static final short FIRST_VERSION_THAT_ADDS = 5;
    private static final short FIRST_VERSION_WITH_ABORTABLE = 4;
    private static final short FIRST_VERSION_WITH_IDS = 6;

    @Override
    public CompletionStage<TxnOffsetCommitResponseData> handle(
            RequestContext context, TxnOffsetCommitRequestData request) {
        short version = context.apiVersion();
        KnownTopics topics = new KnownTopics(cluster.view(), version >= FIRST_VERSION_WITH_IDS);
        TxnOffsetCommitResponseData response = new TxnOffsetCommitResponseData();
        List<CommitRequest.Offset> offsets = new ArrayList<>();
        List<TxnOffsetCommitResponsePartition> answers = new ArrayList<>(); // of offsets, in the same order
        for (TxnOffsetCommitRequestTopic topic : request.topics()) {
            TxnOffsetCommitResponseTopic answer =
                    new TxnOffsetCommitResponseTopic().setName(topic.name()).setTopicId(topic.topicId());
            response.topics().add(answer);
            TopicInfo info = topics.find(topic.name(), topic.topicId());
            for (TxnOffsetCommitRequestPartition partition : topic.partitions()) {
                int index = partition.partitionIndex();
                TxnOffsetCommitResponsePartition result =
                        new TxnOffsetCommitResponsePartition().setPartitionIndex(index);
                answer.partitions().add(result);
                if (info == null) {
                    result.setErrorCode(topics.unknown().code());
                } else if (index < 0 || index >= info.partitions().size()) {
                    result.setErrorCode(Errors.UNKNOWN_TOPIC_OR_PARTITION.code());
                } else {
                    offsets.add(offset(info, partition));
                    answers.add(result);
                }
            }
        }
        if (offsets.isEmpty()) {
            return CompletableFuture.completedFuture(response);
        }
        CommitRequest commit = new CommitRequest(
                new MemberIdentity(request.memberId(), request.groupInstanceId()),
                request.generationIdOrMemberEpoch(),
                offsets);
        ProducerIdentity producer = new ProducerIdentity(request.producerId(), request.producerEpoch());
        int clientVersion = version >= FIRST_VERSION_THAT_ADDS ? 2 : 1;
        return groups.commitPending(
                        request.groupId(),
                        request.producerId(),
                        commit,
                        () -> transactions.admitGroup(
                                request.transactionalId(), producer, request.groupId(), clientVersion))
                .thenApply(errors -> {
                    for (int i = 0; i < answers.size(); i++) {
                        answers.get(i).setErrorCode(GroupErrors.code(errors.get(i)));
                    }
                    return response;
                })
                .exceptionally(failure -> {
                    short code = code(failure, version);
                    answers.forEach(answer -> answer.setErrorCode(code));
                    return response;
                });
    }

    private static short code(Throwable failure, short version) {
        if (Completions.unwrap(failure) instanceof TransactionException refused) {
            return switch (refused.error()) {
                case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH.code();
                case TRANSACTION_ABORTABLE ->
                    version >= FIRST_VERSION_WITH_ABORTABLE
                            ? Errors.TRANSACTION_ABORTABLE.code()
                            : Errors.INVALID_TXN_STATE.code();
                case CONCURRENT_TRANSACTIONS, COORDINATOR_LOAD_IN_PROGRESS ->
                    version >= FIRST_VERSION_THAT_ADDS
                            ? Errors.valueOf(refused.error().name()).code()
                            : Errors.COORDINATOR_LOAD_IN_PROGRESS.code();
                case NOT_COORDINATOR -> Errors.INVALID_TXN_STATE.code();
                default -> GroupErrors.code(failure);
            };
        }
        return GroupErrors.code(failure);
    }

    private static CommitRequest.Offset offset(TopicInfo topic, TxnOffsetCommitRequestPartition partition) {
        String metadata = partition.committedMetadata();
        return new CommitRequest.Offset(
                new OffsetKey(topic.id(), partition.partitionIndex()),
                partition.committedOffset(),
                partition.committedLeaderEpoch(),
                metadata == null ? "" : metadata);
    }
}
