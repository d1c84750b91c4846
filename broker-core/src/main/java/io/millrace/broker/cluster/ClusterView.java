// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One consistent picture of the cluster. Immutable; safe for any thread.
 *
 * @param brokers the live brokers by id
 * @param controllerId the elected controller, or -1
 * @param topics the topics by name
 * @param topicNames the topics' names by id
 */
public record ClusterView(
        Map<Integer, BrokerInfo> brokers,
        int controllerId,
        Map<String, TopicInfo> topics,
        Map<UUID, String> topicNames) {

    public static final ClusterView EMPTY = new ClusterView(Map.of(), -1, Map.of(), Map.of());

    public @Nullable TopicInfo topic(String name) {
        return topics.get(name);
    }

    public @Nullable TopicInfo topic(UUID id) {
        String name = topicNames.get(id);
        return name == null ? null : topics.get(name);
    }
}
