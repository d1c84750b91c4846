// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import java.util.Collection;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
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

    public ClusterView {
        brokers = Map.copyOf(brokers);
        topics = Map.copyOf(topics);
        topicNames = Map.copyOf(topicNames);
    }

    /** Puts a picture together. */
    public static ClusterView of(Collection<BrokerInfo> brokers, int controllerId, Collection<TopicInfo> topics) {
        return new ClusterView(
                brokers.stream().collect(Collectors.toMap(BrokerInfo::id, Function.identity())),
                controllerId,
                topics.stream().collect(Collectors.toMap(TopicInfo::name, Function.identity())),
                topics.stream().collect(Collectors.toMap(TopicInfo::id, TopicInfo::name)));
    }

    public @Nullable TopicInfo topic(String name) {
        return topics.get(name);
    }

    public @Nullable TopicInfo topic(UUID id) {
        String name = topicNames.get(id);
        return name == null ? null : topics.get(name);
    }
}
