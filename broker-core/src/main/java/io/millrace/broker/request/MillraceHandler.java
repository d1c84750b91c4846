// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.util.concurrent.CompletionStage;

/** Answers Millrace's own requests. Called on the connection's network thread: must not block. */
@FunctionalInterface
public interface MillraceHandler {
    CompletionStage<? extends MillraceResponse> handle(RequestContext context, MillraceRequest request);
}
