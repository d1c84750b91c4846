// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Answers one Kafka API. Called on the connection's network thread: must not block.
 *
 * @param <Q> the generated request class
 */
@FunctionalInterface
public interface KafkaHandler<Q extends ApiMessage> {
    /**
     * The answer's generated message, in the version of the request; completed with {@code null} nothing is answered
     * (Produce with acks 0). A stage that fails closes the connection: errors that the protocol can express belong into
     * the answer. May complete on any thread.
     *
     * @param request its buffers are released when the stage completes; retain what is needed longer
     */
    CompletionStage<? extends @Nullable ApiMessage> handle(RequestContext context, Q request);
}
