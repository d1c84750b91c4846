// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The settings that hold for one topic: its own, else the broker's, else the default. Immutable; any thread. */
public final class TopicConfig {
    private final Map<String, String> set;
    private final Map<String, Object> values;
    private final BrokerConfig broker;

    private TopicConfig(Map<String, String> set, Map<String, Object> values, BrokerConfig broker) {
        this.set = set;
        this.values = values;
        this.broker = broker;
    }

    /** The settings of a topic that has none of its own. */
    public static TopicConfig defaults(BrokerConfig broker) {
        return new TopicConfig(Map.of(), Map.of(), broker);
    }

    /**
     * Parses a topic's settings.
     *
     * @throws ConfigException for an unknown key, a value outside its range, or values that contradict each other
     */
    public static TopicConfig of(Map<String, String> set, BrokerConfig broker) {
        Map<String, Object> values = new HashMap<>();
        set.forEach((name, text) -> values.put(name, known(name).key().parse(text, "topic setting")));
        TopicConfig config = new TopicConfig(Map.copyOf(set), Map.copyOf(values), broker);
        if (config.isJms() && config.isCompacted()) {
            throw new ConfigException(
                    "A JMS destination cannot have cleanup.policy=%s: compaction would remove messages nobody has consumed;"
                                    .formatted(config.get(TopicConfigKeys.CLEANUP_POLICY))
                            + " set it to delete");
        }
        return config;
    }

    private static TopicConfigKey<?> known(String name) {
        TopicConfigKey<?> key = TopicConfigKeys.find(name);
        if (key == null) {
            List<String> names = TopicConfigKeys.all().stream()
                    .<String>map(TopicConfigKey::name)
                    .toList();
            throw new ConfigException(
                    "Unknown topic setting '%s': did you mean %s?".formatted(name, NearestName.of(name, names)));
        }
        return key;
    }

    /** What the topic itself sets, as it was written. */
    public Map<String, String> set() {
        return set;
    }

    /** The value that holds. */
    public <T> T get(TopicConfigKey<T> key) {
        Object value = values.get(key.name());
        if (value != null) {
            return Objects.requireNonNull(key.key().type().valueClass().cast(value));
        }
        ConfigKey<T> brokerKey = brokerKey(key);
        return brokerKey == null ? key.key().defaultValue() : broker.get(brokerKey);
    }

    /** All values there are for a key, the one that holds first. */
    public List<Value> values(TopicConfigKey<?> key) {
        List<Value> result = new ArrayList<>();
        String own = set.get(key.name());
        if (own != null) {
            result.add(new Value(key.name(), own, Source.TOPIC));
        }
        ConfigKey<?> brokerKey = brokerKey(key);
        if (brokerKey == null) {
            result.add(new Value(key.name(), String.valueOf(key.key().defaultValue()), Source.DEFAULT));
            return result;
        }
        if (broker.isSet(brokerKey)) {
            result.add(new Value(brokerKey.name(), String.valueOf(broker.get(brokerKey)), Source.BROKER));
        }
        result.add(new Value(brokerKey.name(), String.valueOf(brokerKey.defaultValue()), Source.DEFAULT));
        return result;
    }

    /** Whether the topic is a JMS queue or topic. */
    public boolean isJms() {
        return !get(TopicConfigKeys.JMS_KIND).isEmpty();
    }

    /** Whether the topic is a JMS queue. */
    public boolean isQueue() {
        return get(TopicConfigKeys.JMS_KIND).equals("queue");
    }

    /** Whether records go that a later one of the same key replaces. */
    public boolean isCompacted() {
        return hasPolicy("compact");
    }

    /** Whether records go by age and size. */
    public boolean isDeleted() {
        return hasPolicy("delete");
    }

    private boolean hasPolicy(String policy) {
        // A broker-wide compact is meant for the topics that can have it.
        boolean ofBroker = !set.containsKey(TopicConfigKeys.CLEANUP_POLICY.name());
        if (ofBroker && isJms()) {
            return policy.equals("delete");
        }
        return List.of(get(TopicConfigKeys.CLEANUP_POLICY).split(",", -1)).contains(policy);
    }

    private <T> @Nullable ConfigKey<T> brokerKey(TopicConfigKey<T> key) {
        return key.jmsBrokerKey() != null && isJms() ? key.jmsBrokerKey() : key.brokerKey();
    }

    /** Where a value stands. */
    public enum Source {
        TOPIC,
        BROKER,
        DEFAULT
    }

    /**
     * One value of a setting.
     *
     * @param name the key it stands under: the topic's or the broker's
     */
    public record Value(String name, String value, Source source) {}
}
