// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.request.Answers;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionDescription;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.DescribeTransactionsRequestData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TopicData;
import org.apache.kafka.common.message.DescribeTransactionsResponseData.TransactionState;

/** DescribeTransactions (KIP-664). */
record DescribeTransactionsHandler(TransactionCoordinator transactions)
        implements KafkaHandler<DescribeTransactionsRequestData> {

    @Override
    public CompletionStage<DescribeTransactionsResponseData> handle(
            RequestContext context, DescribeTransactionsRequestData request) {
        List<CompletableFuture<TransactionState>> answers = new ArrayList<>();
        for (String id : request.transactionalIds()) {
            answers.add(transactions
                    .describe(id)
                    .handle((found, failure) -> failure == null
                            ? state(found)
                            : new TransactionState()
                                    .setTransactionalId(id)
                                    .setErrorCode(TransactionErrors.of(failure).code())));
        }
        return Answers.all(answers)
                .thenApply(states -> new DescribeTransactionsResponseData().setTransactionStates(states));
    }

    private static TransactionState state(TransactionDescription found) {
        TransactionState state = new TransactionState()
                .setTransactionalId(found.transactionalId())
                .setProducerId(found.producer().id())
                .setProducerEpoch(found.producer().epoch())
                .setTransactionState(found.status().kafkaName())
                .setTransactionTimeoutMs(found.timeoutMs())
                .setTransactionStartTimeMs(found.startMs());
        for (PartitionId partition : found.partitions()) {
            TopicData topic = state.topics().find(partition.topic());
            if (topic == null) {
                topic = new TopicData().setTopic(partition.topic());
                state.topics().add(topic);
            }
            topic.partitions().add(partition.partition());
        }
        return state;
    }
}
