// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import org.jspecify.annotations.Nullable;

/**
 * Why a record is delivered no more and on its way to the dead-letter or the expiry queue.
 *
 * @param reason why
 * @param deliveryCount how often the application received it
 * @param queue where its last consumer asked for it to go; {@code null} for where the destination's settings say
 */
record Death(Reason reason, int deliveryCount, @Nullable String queue) {
    Death(Reason reason, int deliveryCount) {
        this(reason, deliveryCount, null);
    }

    /** Why. */
    enum Reason {
        /** It came back once more than the delivery limit allows. */
        DELIVERY_LIMIT,
        /** A consumer refused it. */
        REJECTED,
        /** Its time was over. */
        EXPIRED
    }
}
