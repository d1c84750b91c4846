// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/** Where a {@link ClassicGroup} stands; the diagram is there. Deadlines are in milliseconds of the monotonic clock. */
public sealed interface GroupState {

    /** The name that Kafka's tools show. */
    default String kafkaName() {
        return getClass().getSimpleName();
    }

    /** When this state moves on by itself; {@link Long#MAX_VALUE} for never. */
    default long deadlineMs() {
        return Long.MAX_VALUE;
    }

    /** Whether {@code next} may follow. */
    boolean allows(GroupState next);

    /** No members; offsets may be there. */
    record Empty() implements GroupState {
        @Override
        public boolean allows(GroupState next) {
            return next instanceof PreparingRebalance || next instanceof Stable || next instanceof Dead;
        }
    }

    /**
     * Waits for all members to join again.
     *
     * @param deadlineMs those that have not joined by then are removed
     * @param initialRemainingMs of a group that was empty: how long the wait may still be extended while members
     *     arrive (KIP-134); else -1
     */
    record PreparingRebalance(long deadlineMs, long initialRemainingMs) implements GroupState {
        boolean isInitial() {
            return initialRemainingMs >= 0;
        }

        @Override
        public boolean allows(GroupState next) {
            return next instanceof PreparingRebalance // waits longer
                    || next instanceof CompletingRebalance
                    || next instanceof Empty
                    || next instanceof Dead;
        }
    }

    /**
     * Waits for the leader's assignment.
     *
     * @param deadlineMs members that have not asked for their assignment by then are removed
     */
    record CompletingRebalance(long deadlineMs) implements GroupState {
        @Override
        public boolean allows(GroupState next) {
            return next instanceof Stable || next instanceof PreparingRebalance || next instanceof Dead;
        }
    }

    /** Every member can have its assignment. */
    record Stable() implements GroupState {
        @Override
        public boolean allows(GroupState next) {
            return next instanceof PreparingRebalance || next instanceof Dead;
        }
    }

    /** Deleted, or owned by another broker. */
    record Dead() implements GroupState {
        @Override
        public boolean allows(GroupState next) {
            return false;
        }
    }
}
