// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * Why a record is delivered no more and on its way to the dead-letter or the expiry queue.
 *
 * @param reason why
 * @param deliveryCount how often the application received it
 */
record Death(Reason reason, int deliveryCount) {

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
