// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/** The settings of one broker, checked. Immutable; safe for any thread. */
public final class BrokerConfig {
    private static final Map<String, ConfigKey<?>> KEYS = keysByName();

    private final Map<String, Object> values;

    private BrokerConfig(Map<String, Object> values) {
        this.values = Map.copyOf(values);
    }

    /** All settings at their defaults. */
    public static BrokerConfig defaults() {
        return new BrokerConfig(Map.of());
    }

    /**
     * The given settings, the rest at their defaults.
     *
     * @throws ConfigException for an unknown key or a value outside its range
     */
    public static BrokerConfig of(Map<String, String> settings) {
        BrokerConfig config = defaults();
        for (Map.Entry<String, String> setting : settings.entrySet()) {
            config = config.with(setting.getKey(), setting.getValue(), "set by the program");
        }
        return config;
    }

    /** The value of a setting, its default when nobody set it. */
    public <T> T get(ConfigKey<T> key) {
        Object value = values.get(key.name());
        return value == null
                ? key.defaultValue()
                : Objects.requireNonNull(key.type().valueClass().cast(value));
    }

    /** Whether somebody set {@code key}. */
    public boolean isSet(ConfigKey<?> key) {
        return values.containsKey(key.name());
    }

    /** A copy with one setting changed; for programs and tests. */
    public <T> BrokerConfig with(ConfigKey<T> key, T value) {
        return with(key.name(), String.valueOf(value), "set by the program");
    }

    /**
     * A copy with one setting changed.
     *
     * @param origin where the text stands, for the message when it is refused
     * @throws ConfigException for an unknown key or a value outside its range
     */
    BrokerConfig with(String name, String text, String origin) {
        ConfigKey<?> key = KEYS.get(name);
        if (key == null) {
            throw unknown(name, origin);
        }
        Map<String, Object> changed = new HashMap<>(values);
        changed.put(name, key.parse(text, origin));
        return new BrokerConfig(changed);
    }

    static ConfigException unknown(String name, String origin) {
        String nearest = NearestName.of(name, KEYS.keySet());
        return new ConfigException("Unknown setting '%s' (%s): did you mean %s?".formatted(name, origin, nearest));
    }

    private static Map<String, ConfigKey<?>> keysByName() {
        Map<String, ConfigKey<?>> keys = new LinkedHashMap<>();
        for (ConfigKey<?> key : BrokerConfigKeys.all()) {
            if (keys.put(key.name(), key) != null) {
                throw new IllegalStateException("setting " + key.name() + " is declared twice");
            }
        }
        return keys;
    }
}
