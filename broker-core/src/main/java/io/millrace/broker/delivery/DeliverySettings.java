// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * What delivery goes by.
 *
 * @param heartbeatTimeoutMs the longest silence granted to a link, milliseconds
 * @param maxInFlight records of one group and partition handed out and not settled
 * @param maxCredit the most records one pull acquires; a larger credit is cut to it
 * @param maxPullBytes the most record bytes of one answer, unless a single record is larger
 * @param maxConsumers consumers and sessions of one link
 * @param rememberedBundles committed bundles of which a partition remembers the outcome
 */
public record DeliverySettings(
        int heartbeatTimeoutMs,
        int maxInFlight,
        int maxCredit,
        int maxPullBytes,
        int maxConsumers,
        int rememberedBundles) {
    public static final DeliverySettings DEFAULT = new DeliverySettings(30_000, 10_000, 10_000, 8 << 20, 10_000, 1_000);
}
