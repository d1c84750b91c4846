// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

/**
 * The life of an owned partition.
 *
 * <pre>
 *   Opening --opened--> Serving --append failed, log lost--> Lost --back-off--> Opening
 *      |                   |                                   ^
 *      +--open failed-------------------------------------------+
 *   any --deleted, moved, shutdown--> Closed
 * </pre>
 */
sealed interface PartitionState permits PartitionState.Opening, Serving, PartitionState.Lost, PartitionState.Closed {

    /** Whether the life cycle has an arrow from this state to {@code next}. */
    boolean leadsTo(PartitionState next);

    /** Claims the leader epoch, acquires the log and rebuilds the state. */
    record Opening(int attempt) implements PartitionState {
        @Override
        public boolean leadsTo(PartitionState next) {
            return next instanceof Serving || next instanceof Lost || next instanceof Closed;
        }
    }

    /** Ownership ended or could not be had; waits for the next attempt. */
    record Lost(int attempts, Throwable cause) implements PartitionState {
        @Override
        public boolean leadsTo(PartitionState next) {
            return next instanceof Opening || next instanceof Closed;
        }

        @Override
        public String toString() {
            return "Lost[attempts=" + attempts + ", cause=" + cause.getMessage() + "]";
        }
    }

    /** The end: another broker owns it, it was deleted, or this broker stops. */
    record Closed(String reason) implements PartitionState {
        @Override
        public boolean leadsTo(PartitionState next) {
            return false;
        }
    }
}
