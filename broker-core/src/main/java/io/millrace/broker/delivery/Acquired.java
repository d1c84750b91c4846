// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import org.jspecify.annotations.Nullable;

/**
 * A record in flight.
 *
 * @param holder who has it
 * @param lease the number of the acquisition
 * @param received whether the application has it; else it is only buffered by its consumer
 * @param deliveryCount how often the application received it, this time included once received
 * @param redelivered whether it may have been received before this acquisition
 * @param group its JMSXGroupID, when the group keeps such records together
 */
record Acquired(
        Holder holder,
        long lease,
        boolean received,
        int deliveryCount,
        boolean redelivered,
        @Nullable String group) {
    /** What the record is once it goes back to the group. */
    Returned returned() {
        return new Returned(deliveryCount, redelivered || received);
    }

    /** The same, pinned by a branch. */
    Acquired pinnedBy(Holder branch, int newDeliveryCount) {
        return new Acquired(branch, 0, true, newDeliveryCount, redelivered, group);
    }

    /** The same, received by the application. */
    Acquired received(int newDeliveryCount) {
        return new Acquired(holder, lease, true, newDeliveryCount, redelivered, group);
    }
}
