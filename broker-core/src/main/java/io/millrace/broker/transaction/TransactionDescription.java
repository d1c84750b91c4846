// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.record.PartitionId;
import java.util.Set;

/**
 * What operators see of a transactional id (KIP-664).
 *
 * @param transactionalId the id
 * @param producer who may use it
 * @param timeoutMs how long a transaction may be undecided, milliseconds
 * @param status where its transaction stands
 * @param startMs when the transaction began, milliseconds since the epoch; -1 without one
 * @param partitions where it has batches; none once it is complete
 */
public record TransactionDescription(
        String transactionalId,
        ProducerIdentity producer,
        int timeoutMs,
        TransactionStatus status,
        long startMs,
        Set<PartitionId> partitions) {
    public TransactionDescription {
        partitions = Set.copyOf(partitions);
    }

    static TransactionDescription of(Transaction state) {
        boolean begun = state.status() != TransactionStatus.EMPTY;
        return new TransactionDescription(
                state.id(),
                state.producer(),
                state.timeoutMs(),
                state.status(),
                begun ? state.startMs() : -1,
                state.partitions());
    }
}
