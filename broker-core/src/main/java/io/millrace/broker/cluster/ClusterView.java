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
 * @param documents the documents by kind and name
 */
public record ClusterView(
        Map<Integer, BrokerInfo> brokers,
        int controllerId,
        Map<String, TopicInfo> topics,
        Map<UUID, String> topicNames,
        Map<String, Map<String, ClusterDocument>> documents) {

    public static final ClusterView EMPTY = new ClusterView(Map.of(), -1, Map.of(), Map.of(), Map.of());

    public ClusterView {
        brokers = Map.copyOf(brokers);
        topics = Map.copyOf(topics);
        topicNames = Map.copyOf(topicNames);
        documents = Map.copyOf(documents);
    }

    /** Puts a picture together. */
    public static ClusterView of(
            Collection<BrokerInfo> brokers,
            int controllerId,
            Collection<TopicInfo> topics,
            Map<String, Map<String, ClusterDocument>> documents) {
        return new ClusterView(
                brokers.stream().collect(Collectors.toMap(BrokerInfo::id, Function.identity())),
                controllerId,
                topics.stream().collect(Collectors.toMap(TopicInfo::name, Function.identity())),
                topics.stream().collect(Collectors.toMap(TopicInfo::id, TopicInfo::name)),
                documents);
    }

    public @Nullable TopicInfo topic(String name) {
        return topics.get(name);
    }

    public @Nullable TopicInfo topic(UUID id) {
        String name = topicNames.get(id);
        return name == null ? null : topics.get(name);
    }

    /** The documents of one kind by name. */
    public Map<String, ClusterDocument> documents(String kind) {
        return documents.getOrDefault(kind, Map.of());
    }
}
