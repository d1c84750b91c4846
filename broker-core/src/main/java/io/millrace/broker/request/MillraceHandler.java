// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.util.concurrent.CompletionStage;

/** Answers Millrace's own requests. Called on the connection's network thread: must not block. */
@FunctionalInterface
public interface MillraceHandler {
    /**
     * The answer; may complete on any thread. A stage that fails closes the connection.
     *
     * @param request its buffers are released when the stage completes; retain what is needed longer
     */
    CompletionStage<? extends MillraceResponse> handle(RequestContext context, MillraceRequest request);
}
