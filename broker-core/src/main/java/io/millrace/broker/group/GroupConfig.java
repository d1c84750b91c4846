// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/**
 * The coordinator's settings.
 *
 * @param minSessionTimeoutMs the least session time-out a member may ask for, milliseconds
 * @param maxSessionTimeoutMs the largest, milliseconds
 * @param initialRebalanceDelayMs how long a group that was empty waits for more members, milliseconds
 * @param maxMembers the most members of a group
 * @param maxOffsetMetadataBytes the most bytes of text with one committed offset
 */
public record GroupConfig(
        int minSessionTimeoutMs,
        int maxSessionTimeoutMs,
        int initialRebalanceDelayMs,
        int maxMembers,
        int maxOffsetMetadataBytes) {

    /** Kafka's defaults, but for the number of members, which Kafka leaves open. */
    public static final GroupConfig DEFAULT = new GroupConfig(6_000, 1_800_000, 3_000, 10_000, 4_096);
}
