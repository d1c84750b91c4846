// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.request.Answers;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionError;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopic;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTopicCollection;
import org.apache.kafka.common.message.AddPartitionsToTxnRequestData.AddPartitionsToTxnTransaction;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnPartitionResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResult;
import org.apache.kafka.common.message.AddPartitionsToTxnResponseData.AddPartitionsToTxnTopicResultCollection;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * AddPartitionsToTxn: partitions become part of a transaction, or are asked for whether they are (KIP-890). One
 * transaction of a client before version 4, several of a broker from then on.
 */
record AddPartitionsToTxnHandler(TransactionCoordinator transactions, Cluster cluster)
        implements KafkaHandler<AddPartitionsToTxnRequestData> {
    private static final short FIRST_BATCHED_VERSION = 4;
    private static final short FIRST_VERSION_WITH_ABORTABLE = 5;
    private static final int VERSION_1 = 1;
    private static final int VERSION_2 = 2;

    @Override
    public CompletionStage<AddPartitionsToTxnResponseData> handle(
            RequestContext context, AddPartitionsToTxnRequestData request) {
        short version = context.apiVersion();
        if (version < FIRST_BATCHED_VERSION) {
            AddPartitionsToTxnTransaction one = new AddPartitionsToTxnTransaction()
                    .setTransactionalId(request.v3AndBelowTransactionalId())
                    .setProducerId(request.v3AndBelowProducerId())
                    .setProducerEpoch(request.v3AndBelowProducerEpoch())
                    .setTopics(request.v3AndBelowTopics());
            return add(one, version)
                    .thenApply(results -> new AddPartitionsToTxnResponseData().setResultsByTopicV3AndBelow(results));
        }
        List<CompletableFuture<AddPartitionsToTxnResult>> answers = new ArrayList<>();
        for (AddPartitionsToTxnTransaction transaction : request.transactions()) {
            answers.add(add(transaction, version)
                    .thenApply(results -> new AddPartitionsToTxnResult()
                            .setTransactionalId(transaction.transactionalId())
                            .setTopicResults(results)));
        }
        return Answers.all(answers).thenApply(results -> {
            AddPartitionsToTxnResponseData response = new AddPartitionsToTxnResponseData();
            response.resultsByTransaction().addAll(results);
            return response;
        });
    }

    private CompletableFuture<AddPartitionsToTxnTopicResultCollection> add(
            AddPartitionsToTxnTransaction wanted, short version) {
        Map<PartitionId, Errors> known = new LinkedHashMap<>();
        boolean allKnown = true;
        for (AddPartitionsToTxnTopic topic : wanted.topics()) {
            TopicInfo info = cluster.view().topic(topic.name());
            for (int index : topic.partitions()) {
                boolean exists =
                        info != null && index >= 0 && index < info.partitions().size();
                // Offsets of groups have a request of their own.
                allKnown &=
                        exists && (version >= FIRST_BATCHED_VERSION || !ReservedNames.isInternalTopic(topic.name()));
                if (info != null && exists) {
                    known.put(new PartitionId(info.id(), info.name(), index), Errors.NONE);
                }
            }
        }
        if (!allKnown) {
            return CompletableFuture.completedFuture(results(
                    wanted.topics(),
                    id -> id == null || ReservedNames.isInternalTopic(id.topic())
                            ? Errors.UNKNOWN_TOPIC_OR_PARTITION
                            : Errors.OPERATION_NOT_ATTEMPTED));
        }
        ProducerIdentity producer = new ProducerIdentity(wanted.producerId(), wanted.producerEpoch());
        if (wanted.verifyOnly()) {
            return transactions
                    .verify(wanted.transactionalId(), producer, known.keySet())
                    .handle((verdicts, failure) -> results(
                            wanted.topics(),
                            id -> failure != null
                                    ? TransactionErrors.of(failure, version)
                                    : verdict(verdicts, id, version)));
        }
        return transactions
                .add(
                        wanted.transactionalId(),
                        producer,
                        known.keySet(),
                        version >= FIRST_BATCHED_VERSION ? VERSION_2 : VERSION_1)
                .handle((done, failure) -> results(
                        wanted.topics(), id -> failure == null ? Errors.NONE : TransactionErrors.of(failure, version)));
    }

    private static Errors verdict(
            Map<PartitionId, TransactionError> verdicts, @Nullable PartitionId id, short version) {
        TransactionError verdict = id == null ? null : verdicts.get(id);
        if (verdict == null) {
            return Errors.UNKNOWN_TOPIC_OR_PARTITION;
        }
        return verdict == TransactionError.TRANSACTION_ABORTABLE && version < FIRST_VERSION_WITH_ABORTABLE
                ? Errors.INVALID_TXN_STATE
                : Errors.valueOf(verdict.name());
    }

    private AddPartitionsToTxnTopicResultCollection results(
            AddPartitionsToTxnTopicCollection topics, Function<@Nullable PartitionId, Errors> error) {
        AddPartitionsToTxnTopicResultCollection results = new AddPartitionsToTxnTopicResultCollection();
        for (AddPartitionsToTxnTopic topic : topics) {
            TopicInfo info = cluster.view().topic(topic.name());
            AddPartitionsToTxnTopicResult result = new AddPartitionsToTxnTopicResult().setName(topic.name());
            for (int index : topic.partitions()) {
                boolean exists =
                        info != null && index >= 0 && index < info.partitions().size();
                PartitionId id = info != null && exists ? new PartitionId(info.id(), info.name(), index) : null;
                result.resultsByPartition()
                        .add(new AddPartitionsToTxnPartitionResult()
                                .setPartitionIndex(index)
                                .setPartitionErrorCode(error.apply(id).code()));
            }
            results.add(result);
        }
        return results;
    }
}
