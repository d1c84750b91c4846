// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Locale;

/**
 * A group in a list of groups.
 *
 * @param groupId the group
 * @param type by which protocol its members are
 * @param protocolType its kind; empty for one that only holds offsets
 * @param state its state by Kafka's name
 */
public record GroupListing(String groupId, Type type, String protocolType, String state) {

    /** Kafka's group types. */
    public enum Type {
        CLASSIC,
        CONSUMER,
        SHARE;

        public String kafkaName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
