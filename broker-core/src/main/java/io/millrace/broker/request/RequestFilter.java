// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.protocol.ApiMessage;
import org.jspecify.annotations.Nullable;

/**
 * Stands before the handlers: watches, changes or refuses requests and answers, whatever handler they are for. Called on
 * the connection's network thread: must not block.
 */
public interface RequestFilter {
    /**
     * Answers as {@link KafkaHandler} does, by calling {@code next} or without.
     *
     * @param request its buffers are released when the stage completes, whatever was passed on
     */
    CompletionStage<? extends @Nullable ApiMessage> handle(
            RequestContext context, short apiKey, ApiMessage request, Next next);

    /** Answers as {@link MillraceHandler} does, by calling {@code next} or without. */
    CompletionStage<? extends MillraceResponse> handle(
            RequestContext context, MillraceRequest request, MillraceNext next);

    /** The next filter or the handler. */
    @FunctionalInterface
    interface Next {
        CompletionStage<? extends @Nullable ApiMessage> handle(ApiMessage request);
    }

    /** The next filter or the handler. */
    @FunctionalInterface
    interface MillraceNext {
        CompletionStage<? extends MillraceResponse> handle(MillraceRequest request);
    }
}
