// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * Lease numbers of one partition: the leader epoch in the upper 24 bits, a counter in the lower 40. A number is never
 * used twice, for each owner, also the same after a restart, has an epoch of its own.
 */
final class LeaseNumbers {
    private static final int COUNTER_BITS = 40;

    private long next;

    LeaseNumbers(int leaderEpoch) {
        next = (long) leaderEpoch << COUNTER_BITS;
    }

    long next() {
        return ++next;
    }
}
