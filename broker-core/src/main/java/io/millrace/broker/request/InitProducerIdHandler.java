// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;

/**
 * InitProducerId for idempotent and transactional producers. Two-phase commit by another coordinator (KIP-939) is of
 * version 6, which is not offered.
 */
record InitProducerIdHandler(TransactionCoordinator transactions) implements KafkaHandler<InitProducerIdRequestData> {
    /** In place of a producer id or an epoch. */
    private static final short NONE = -1;

    /** From it on a fenced producer is told so. */
    private static final short FIRST_VERSION_WITH_FENCED = 4;

    @Override
    public CompletionStage<InitProducerIdResponseData> handle(
            RequestContext context, InitProducerIdRequestData request) {
        String transactionalId = request.transactionalId();
        boolean halfAnIdentity = (request.producerId() == NONE) != (request.producerEpoch() == NONE);
        if (halfAnIdentity || "".equals(transactionalId)) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_REQUEST));
        }
        CompletableFuture<ProducerIdentity> identity = transactionalId == null
                ? transactions.newProducerId().thenApply(id -> new ProducerIdentity(id, (short) 0))
                : transactions.init(
                        transactionalId,
                        request.transactionTimeoutMs(),
                        new ProducerIdentity(request.producerId(), request.producerEpoch()));
        return identity.handle((producer, failure) -> failure == null
                ? new InitProducerIdResponseData().setProducerId(producer.id()).setProducerEpoch(producer.epoch())
                : failed(error(failure, context.apiVersion())));
    }

    private static Errors error(Throwable failure, short version) {
        Errors error = KafkaErrors.of(failure);
        return error == Errors.PRODUCER_FENCED && version < FIRST_VERSION_WITH_FENCED
                ? Errors.INVALID_PRODUCER_EPOCH
                : error;
    }

    private static InitProducerIdResponseData failed(Errors error) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(NONE)
                .setProducerEpoch(NONE);
    }
}
