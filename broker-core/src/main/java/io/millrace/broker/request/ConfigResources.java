// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.Topics;
import io.millrace.protocol.record.TopicNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;

/**
 * What has settings, and how these are changed: topics and groups by compare-and-set, brokers not at all. Safe for any
 * thread.
 */
final class ConfigResources {
    static final byte TOPIC = 2;
    static final byte BROKER = 4;
    static final byte GROUP = 32;
    private static final String OWN_PREFIX = "millrace.";

    private final Topics topics;
    private final GroupConfigs groups;
    private final int brokerId;

    ConfigResources(Topics topics, GroupConfigs groups, int brokerId) {
        this.topics = topics;
        this.groups = groups;
        this.brokerId = brokerId;
    }

    /** A change to one resource's settings. */
    @FunctionalInterface
    interface Change {
        /** @param present what is set now; stays as it is */
        Map<String, String> apply(Map<String, String> present);
    }

    /** Fails with a coded exception when there is none. */
    TopicInfo topic(String name) {
        String problem = TopicNames.problem(name);
        if (problem != null) {
            throw new BrokerException(Code.INVALID_TOPIC_NAME, problem);
        }
        TopicInfo topic = topics.find(name);
        if (topic == null) {
            throw new BrokerException(Code.UNKNOWN_TOPIC, "There is no topic " + name);
        }
        return topic;
    }

    /** What a group goes by, whether it exists or not. */
    GroupSettings group(String groupId) {
        checkGroup(groupId);
        return groups.of(groupId);
    }

    private static void checkGroup(String groupId) {
        if (groupId.isEmpty()) {
            throw new RefusedException(Errors.INVALID_REQUEST, "Default group resources are not allowed.");
        }
    }

    /** Whether this broker is meant; {@code false} for what holds for all brokers. Fails for another broker. */
    boolean isThisBroker(String name) {
        if (name.isEmpty()) {
            return false;
        }
        if (!name.equals(Integer.toString(brokerId))) {
            throw new RefusedException(
                    Errors.INVALID_REQUEST,
                    "Unexpected broker id, expected " + brokerId + " or empty string, but received " + name);
        }
        return true;
    }

    /** Changes a resource's settings, or only checks whether it could. */
    CompletableFuture<Void> change(byte type, String name, Set<String> keys, Change change, boolean validateOnly) {
        return switch (type) {
            case TOPIC -> changeTopic(name, change, validateOnly);
            case GROUP -> changeGroup(name, change, validateOnly);
            case BROKER -> {
                var unused = isThisBroker(name);
                checkBroker(keys);
                yield CompletableFuture.completedFuture(null);
            }
            default -> throw new RefusedException(Errors.INVALID_REQUEST, "Unsupported resource type: " + type);
        };
    }

    private CompletableFuture<Void> changeTopic(String name, Change change, boolean validateOnly) {
        Topics.checkNotInternal(name);
        TopicInfo topic = topic(name);
        if (validateOnly) {
            var unused = topics.checkedConfig(changed(topic, change));
            return CompletableFuture.completedFuture(null);
        }
        return topics.changeConfig(name, present -> changed(present, change)).thenApply(done -> null);
    }

    private CompletableFuture<Void> changeGroup(String groupId, Change change, boolean validateOnly) {
        checkGroup(groupId);
        if (validateOnly) {
            var unused = groups.check(change.apply(groups.of(groupId).set()));
            return CompletableFuture.completedFuture(null);
        }
        return groups.change(groupId, change::apply);
    }

    /** Clients do not change what only Millrace knows, such as a destination's JMS kind once it is fixed. */
    private static Map<String, String> changed(TopicInfo topic, Change change) {
        Map<String, String> next = new HashMap<>(change.apply(topic.config()));
        topic.config().forEach((key, value) -> {
            if (key.startsWith(OWN_PREFIX) && !value.equals(next.getOrDefault(key, value))) {
                throw new BrokerException(
                        Code.INVALID_CONFIG,
                        "Topic config " + key + " of " + topic.name() + " is fixed as " + value + " at its first use");
            }
            if (key.startsWith(OWN_PREFIX)) {
                next.put(key, value);
            }
        });
        return next;
    }

    private static void checkBroker(Set<String> keys) {
        Set<String> known = new TreeSet<>();
        BrokerConfigKeys.all().forEach(key -> known.add(key.name()));
        for (String key : keys) {
            if (!known.contains(key)) {
                throw new BrokerException(Code.INVALID_CONFIG, "Unknown broker config name: " + key);
            }
        }
        if (!keys.isEmpty()) {
            throw new RefusedException(
                    Errors.INVALID_REQUEST,
                    "Cannot update these configs dynamically: " + List.copyOf(new TreeSet<>(keys))
                            + "; change the broker's file and restart it");
        }
    }
}
