// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.record;

import io.millrace.protocol.jms.JmsDestination;

/** The names that the broker keeps for itself. */
public final class ReservedNames {
    /** The topic of the groups and their offsets, as in Kafka. */
    public static final String GROUPS_TOPIC = "__consumer_offsets";

    /** The topic of transactional ids, as in Kafka. */
    public static final String TRANSACTIONS_TOPIC = "__transaction_state";

    /** How the names of JMS groups begin; a Kafka client's {@code group.id} must not. */
    public static final String JMS_GROUP_PREFIX = "__millrace.";

    /** How the names of temporary destinations begin ({@link TemporaryName}); no topic can be created under it. */
    public static final String TEMPORARY_PREFIX = JmsDestination.TEMPORARY_PREFIX;

    /** What the logs are called that hold sends of large transactions apart from their partitions; no topic's. */
    public static final String SPILLED_LOGS = JmsDestination.TEMPORARY_PREFIX + "spilled";

    private ReservedNames() {}

    /** Whether a name can only be a temporary destination's: in memory, unknown to Kafka clients. */
    public static boolean isTemporary(String name) {
        return JmsDestination.isTemporary(name);
    }

    /**
     * Whether only the broker writes, creates and deletes this topic. As in Kafka, two leading underscores alone do not
     * make a topic internal: many tools use such names for topics of their own.
     */
    public static boolean isInternalTopic(String name) {
        return name.equals(GROUPS_TOPIC) || name.equals(TRANSACTIONS_TOPIC);
    }
}
