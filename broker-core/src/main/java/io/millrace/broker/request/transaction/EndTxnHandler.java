// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.EndTxnRequestData;
import org.apache.kafka.common.message.EndTxnResponseData;

/** EndTxn: commit or abort; from version 5 on the producer goes on with another epoch (KIP-890). */
record EndTxnHandler(TransactionCoordinator transactions) implements KafkaHandler<EndTxnRequestData> {
    private static final short FIRST_VERSION_WITH_EPOCH = 5;
    private static final int VERSION_1 = 1;
    private static final int VERSION_2 = 2;

    @Override
    public CompletionStage<EndTxnResponseData> handle(RequestContext context, EndTxnRequestData request) {
        boolean bumps = context.apiVersion() >= FIRST_VERSION_WITH_EPOCH;
        return transactions
                .end(
                        request.transactionalId(),
                        new ProducerIdentity(request.producerId(), request.producerEpoch()),
                        request.committed(),
                        bumps ? VERSION_2 : VERSION_1)
                .handle((producer, failure) -> {
                    if (failure != null) {
                        return new EndTxnResponseData()
                                .setErrorCode(TransactionErrors.of(failure, context.apiVersion())
                                        .code());
                    }
                    return bumps
                            ? new EndTxnResponseData()
                                    .setProducerId(producer.id())
                                    .setProducerEpoch(producer.epoch())
                            : new EndTxnResponseData();
                });
    }
}
