// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.concurrent.CompletableFuture;

/** Asks the coordinator of a transaction whether a producer may add a batch to it in a partition (KIP-890). */
@FunctionalInterface
public interface TransactionVerifier {
    /** Completes, on any thread, when it may; fails when not. */
    CompletableFuture<Void> verify(long producerId, short producerEpoch);
}
