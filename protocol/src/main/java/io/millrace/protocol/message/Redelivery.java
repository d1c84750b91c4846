// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import org.jspecify.annotations.Nullable;

/**
 * What a consumer asks for in place of its destination's settings, for the messages that come back from it. Other
 * consumers' messages go by the settings.
 *
 * @param maxDeliveries how often an application may receive a message, 1 or more; -1 for no limit; {@link #UNSET}
 * @param delayMs how long a message waits for its second delivery, 0 to {@link #MAX_DELAY_MS}; {@link #UNSET}
 * @param multiplier by how much the wait grows with each further delivery, 1 to 1,000; {@link #UNSET}
 * @param maxDelayMs the longest wait, 0 to {@link #MAX_DELAY_MS}; {@link #UNSET}
 * @param deadLetterQueue where a message goes that is delivered no more or rejected; {@code null} for the destination's
 */
public record Redelivery(
        int maxDeliveries,
        long delayMs,
        double multiplier,
        long maxDelayMs,
        @Nullable String deadLetterQueue) {
    /** The destination's setting counts. */
    public static final int UNSET = -2;

    public static final long MAX_DELAY_MS = 2_592_000_000L;

    /** All is as the destination says. */
    public static final Redelivery OF_DESTINATION = new Redelivery(UNSET, UNSET, UNSET, UNSET, null);

    /** What is wrong with it; {@code null} when nothing is. */
    public @Nullable String fault() {
        if (maxDeliveries != UNSET && maxDeliveries != -1 && maxDeliveries < 1) {
            return "maxDeliveries is " + maxDeliveries + ", it must be 1 or more, or -1";
        } else if (!isDelay(delayMs) || !isDelay(maxDelayMs)) {
            return "a delay is " + delayMs + " or " + maxDelayMs + " ms, it must be 0 to " + MAX_DELAY_MS;
        } else if (multiplier != UNSET && !(multiplier >= 1 && multiplier <= 1_000)) {
            return "multiplier is " + multiplier + ", it must be 1 to 1000";
        } else if (deadLetterQueue != null && deadLetterQueue.isEmpty()) {
            return "deadLetterQueue is empty";
        }
        return null;
    }

    private static boolean isDelay(long ms) {
        return ms == UNSET || (ms >= 0 && ms <= MAX_DELAY_MS);
    }
}
