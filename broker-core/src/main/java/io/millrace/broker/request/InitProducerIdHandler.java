// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.InitProducerIdRequestData;
import org.apache.kafka.common.message.InitProducerIdResponseData;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** InitProducerId for idempotent producers. Transactional ids are refused: there is no transaction coordinator yet. */
final class InitProducerIdHandler implements KafkaHandler<InitProducerIdRequestData> {
    private static final Logger LOG = LoggerFactory.getLogger(InitProducerIdHandler.class);

    /** In place of a producer id or an epoch. */
    private static final short NONE = -1;

    private final ProducerIds ids;

    InitProducerIdHandler(ProducerIds ids) {
        this.ids = ids;
    }

    @Override
    public CompletionStage<InitProducerIdResponseData> handle(
            RequestContext context, InitProducerIdRequestData request) {
        boolean halfAnIdentity = (request.producerId() == NONE) != (request.producerEpoch() == NONE);
        if (halfAnIdentity || "".equals(request.transactionalId())) {
            return CompletableFuture.completedFuture(failed(Errors.INVALID_REQUEST));
        }
        if (request.transactionalId() != null) {
            LOG.debug("Refused transactional producer {}", request.transactionalId());
            return CompletableFuture.completedFuture(failed(Errors.UNSUPPORTED_VERSION));
        }
        return ids.next()
                .handle((id, failure) -> failure == null
                        ? new InitProducerIdResponseData().setProducerId(id).setProducerEpoch((short) 0)
                        : failed(KafkaErrors.of(failure)));
    }

    private static InitProducerIdResponseData failed(Errors error) {
        return new InitProducerIdResponseData()
                .setErrorCode(error.code())
                .setProducerId(NONE)
                .setProducerEpoch(NONE);
    }
}
