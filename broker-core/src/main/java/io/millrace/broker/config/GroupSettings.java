// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The settings that hold for one group: its own, else the broker's, else the default. Immutable; any thread. */
public final class GroupSettings {
    private final Map<String, String> set;
    private final Map<String, Object> values;
    private final BrokerConfig broker;

    private GroupSettings(Map<String, String> set, Map<String, Object> values, BrokerConfig broker) {
        this.set = set;
        this.values = values;
        this.broker = broker;
    }

    /** The settings of a group that has none of its own. */
    public static GroupSettings defaults(BrokerConfig broker) {
        return new GroupSettings(Map.of(), Map.of(), broker);
    }

    /**
     * Parses a group's settings.
     *
     * @throws ConfigException for an unknown key, or a value outside its range or the broker's bounds
     */
    public static GroupSettings of(Map<String, String> set, BrokerConfig broker) {
        Map<String, Object> values = new HashMap<>();
        set.forEach((name, text) -> values.put(name, parse(known(name), text, broker)));
        return new GroupSettings(Map.copyOf(set), Map.copyOf(values), broker);
    }

    private static Object parse(GroupConfigKey<?> key, String text, BrokerConfig broker) {
        Object value = key.key().parse(text, "group setting");
        ConfigKey<Integer> min = key.minKey();
        ConfigKey<Integer> max = key.maxKey();
        if (min != null && max != null && value instanceof Integer number) {
            if (number < broker.get(min) || number > broker.get(max)) {
                throw new ConfigException("%s must be in the range %d to %d inclusive; the broker's %s and %s say so"
                        .formatted(key.name(), broker.get(min), broker.get(max), min.name(), max.name()));
            }
        }
        return value;
    }

    private static GroupConfigKey<?> known(String name) {
        GroupConfigKey<?> key = GroupConfigKeys.find(name);
        if (key == null) {
            List<String> names = GroupConfigKeys.all().stream()
                    .<String>map(GroupConfigKey::name)
                    .toList();
            throw new ConfigException(
                    "Unknown group config name: %s; did you mean %s?".formatted(name, NearestName.of(name, names)));
        }
        return key;
    }

    /** What the group itself sets, as it was written. */
    public Map<String, String> set() {
        return set;
    }

    /** The value that holds. */
    public <T> T get(GroupConfigKey<T> key) {
        Object value = values.get(key.name());
        if (value != null) {
            return Objects.requireNonNull(key.key().type().valueClass().cast(value));
        }
        ConfigKey<T> brokerKey = key.brokerKey();
        return brokerKey == null ? key.key().defaultValue() : broker.get(brokerKey);
    }

    /** All values there are for a key, the one that holds first. */
    public List<Value> values(GroupConfigKey<?> key) {
        List<Value> result = new ArrayList<>();
        String own = set.get(key.name());
        if (own != null) {
            result.add(new Value(key.name(), own, Source.GROUP));
        }
        ConfigKey<?> brokerKey = key.brokerKey();
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

    /** Where a value stands. */
    public enum Source {
        GROUP,
        BROKER,
        DEFAULT
    }

    /**
     * One value of a setting.
     *
     * @param name the key it stands under: the group's or the broker's
     */
    public record Value(String name, String value, Source source) {}
}
