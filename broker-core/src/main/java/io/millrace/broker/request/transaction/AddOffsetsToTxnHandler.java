// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.AddOffsetsToTxnRequestData;
import org.apache.kafka.common.message.AddOffsetsToTxnResponseData;
import org.apache.kafka.common.protocol.Errors;

/** AddOffsetsToTxn: a group's offsets become part of a transaction; for clients before version 2 of transactions. */
record AddOffsetsToTxnHandler(TransactionCoordinator transactions) implements KafkaHandler<AddOffsetsToTxnRequestData> {
    private static final int VERSION_1 = 1;

    @Override
    public CompletionStage<AddOffsetsToTxnResponseData> handle(
            RequestContext context, AddOffsetsToTxnRequestData request) {
        if (request.groupId().isEmpty()) {
            return CompletableFuture.completedFuture(
                    new AddOffsetsToTxnResponseData().setErrorCode(Errors.INVALID_GROUP_ID.code()));
        }
        return transactions
                .addGroup(
                        request.transactionalId(),
                        new ProducerIdentity(request.producerId(), request.producerEpoch()),
                        request.groupId(),
                        VERSION_1)
                .handle((done, failure) -> failure == null
                        ? new AddOffsetsToTxnResponseData()
                        : new AddOffsetsToTxnResponseData()
                                .setErrorCode(TransactionErrors.of(failure, context.apiVersion())
                                        .code()));
    }
}
