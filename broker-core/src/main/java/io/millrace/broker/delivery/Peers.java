// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.util.concurrent.CompletableFuture;

/** The way to the other brokers of the cluster. Safe for any thread. */
public interface Peers {
    /**
     * Asks a broker; does not block. The future completes with its answer, whatever that says, on an unspecified thread,
     * and fails when none came.
     */
    CompletableFuture<MillraceResponse> ask(int brokerId, MillraceRequest request);
}
