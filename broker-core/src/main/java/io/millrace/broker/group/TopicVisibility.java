// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/**
 * Whose regular expressions may match which topics: a member must not learn of a topic it may not describe. Asked on the
 * owner loop whenever targets are made, so rules that change count at once.
 */
@FunctionalInterface
public interface TopicVisibility {
    /** Without access rules. */
    TopicVisibility ALL = (principal, host, topic) -> true;

    /**
     * Whether a member may know of a topic.
     *
     * @param principal who the member is, {@code User:name}; empty for one that joined before that was kept
     * @param host the address it came from
     */
    boolean shows(String principal, String host, String topic);
}
