// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;

/**
 * Learns how the transaction of one delivery ended: {@code setRollbackOnly} throws nothing, so that only the transaction
 * itself can tell. Called by the delivering thread; read by it after {@code afterDelivery}.
 */
final class TransactionOutcome implements Synchronization {
    private volatile int status = Status.STATUS_UNKNOWN;

    /** Registers with the transaction of this thread. */
    void observe(TransactionSynchronizationRegistry registry) {
        registry.registerInterposedSynchronization(this);
    }

    boolean isCommitted() {
        return status == Status.STATUS_COMMITTED;
    }

    @Override
    public void beforeCompletion() {}

    @Override
    public void afterCompletion(int outcome) {
        status = outcome;
    }
}
