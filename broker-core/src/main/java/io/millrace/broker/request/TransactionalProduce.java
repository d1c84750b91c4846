// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.TransactionVerifier;
import io.millrace.broker.transaction.ProducerIdentity;
import io.millrace.broker.transaction.TransactionCoordinator;
import io.millrace.broker.transaction.TransactionException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * Asks a transaction's coordinator about the batches of produce requests (KIP-890): clients from version 12 on leave it
 * to the broker to add the partition, older ones have added it themselves. Safe for any thread.
 */
record TransactionalProduce(TransactionCoordinator transactions) {
    private static final int FIRST_VERSION_THAT_ADDS = 12;
    private static final int FIRST_VERSION_WITH_ABORTABLE = 11;
    private static final int VERSION_1 = 1;
    private static final int VERSION_2 = 2;

    TransactionVerifier verifier(@Nullable String transactionalId, Partition partition, short version) {
        if (transactionalId == null) {
            throw new RefusedException(
                    Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
                    "A transactional batch for " + partition.id() + " comes without a transactional id");
        }
        return (producerId, epoch) -> transactions
                .admit(
                        transactionalId,
                        new ProducerIdentity(producerId, epoch),
                        partition.id(),
                        version >= FIRST_VERSION_THAT_ADDS ? VERSION_2 : VERSION_1)
                .exceptionally(failure -> {
                    throw new CompletionException(translate(Completions.unwrap(failure), version));
                });
    }

    /** What the client does about it is told by codes that its version knows for Produce. */
    private static Throwable translate(Throwable failure, short version) {
        if (!(failure instanceof TransactionException refused)) {
            return failure;
        }
        Errors error = switch (refused.error()) {
            case CONCURRENT_TRANSACTIONS ->
                version >= FIRST_VERSION_THAT_ADDS ? Errors.CONCURRENT_TRANSACTIONS : Errors.NOT_ENOUGH_REPLICAS;
            case COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE -> Errors.NOT_ENOUGH_REPLICAS;
            case TRANSACTION_ABORTABLE ->
                version >= FIRST_VERSION_WITH_ABORTABLE ? Errors.TRANSACTION_ABORTABLE : Errors.INVALID_TXN_STATE;
            case NOT_COORDINATOR -> Errors.INVALID_TXN_STATE;
            case PRODUCER_FENCED -> Errors.INVALID_PRODUCER_EPOCH;
            default -> Errors.valueOf(refused.error().name());
        };
        return new RefusedException(error, String.valueOf(refused.getMessage()));
    }
}
