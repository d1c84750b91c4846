// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * A record that is available again.
 *
 * @param deliveryCount how often the application received it
 * @param redelivered whether it may have been received
 */
record Returned(int deliveryCount, boolean redelivered) {
    /** Returned without anybody having seen it. */
    static final Returned UNSEEN = new Returned(0, false);

    /** In flight when the broker stopped: perhaps received, perhaps not. */
    static final Returned IN_DOUBT = new Returned(0, true);
}
