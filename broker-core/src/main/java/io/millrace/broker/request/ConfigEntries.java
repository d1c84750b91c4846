// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.partition.TopicConfigs;
import io.millrace.broker.partition.Topics;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Settings as Kafka's config APIs show them. Immutable; safe for any thread. */
final class ConfigEntries {
    static final byte SOURCE_TOPIC = 1;
    static final byte SOURCE_BROKER_FILE = 4;
    static final byte SOURCE_DEFAULT = 5;
    private static final byte UNKNOWN_TYPE = 0;

    private final Topics topics;
    private final BrokerConfig broker;

    ConfigEntries(Topics topics, BrokerConfig broker) {
        this.topics = topics;
        this.broker = broker;
    }

    /**
     * One setting.
     *
     * @param value {@code null} for a secret
     * @param source Kafka's code of where the value stands
     * @param type Kafka's code of the value's type
     * @param synonyms all values there are, the one that holds first
     */
    record Entry(
            String name,
            @Nullable String value,
            byte source,
            boolean readOnly,
            boolean sensitive,
            byte type,
            @Nullable String documentation,
            List<Synonym> synonyms) {}

    /** A value of a setting and where it stands. */
    record Synonym(String name, @Nullable String value, byte source) {}

    /** Those of a topic that sets {@code set}, by name. */
    List<Entry> ofTopic(Map<String, String> set) {
        TreeSet<String> names = new TreeSet<>(TopicConfigs.names());
        names.addAll(set.keySet());
        List<Entry> entries = new ArrayList<>();
        for (String name : names) {
            String own = set.get(name);
            String standard = topics.defaultConfig(name);
            List<Synonym> synonyms = new ArrayList<>();
            if (own != null) {
                synonyms.add(new Synonym(name, own, SOURCE_TOPIC));
            }
            if (standard != null) {
                synonyms.add(new Synonym(name, standard, SOURCE_DEFAULT));
            }
            entries.add(new Entry(
                    name,
                    own != null ? own : standard,
                    own != null ? SOURCE_TOPIC : SOURCE_DEFAULT,
                    false,
                    false,
                    UNKNOWN_TYPE,
                    null,
                    synonyms));
        }
        return entries;
    }

    /** Those of this broker; all come from its file and are read when it starts. */
    List<Entry> ofBroker() {
        List<Entry> entries = new ArrayList<>();
        for (ConfigKey<?> key : BrokerConfigKeys.all()) {
            entries.add(entry(key));
        }
        return entries;
    }

    private Entry entry(ConfigKey<?> key) {
        boolean sensitive = key.name().contains("password") || key.name().contains("secret");
        boolean set = broker.isSet(key);
        List<Synonym> synonyms = new ArrayList<>();
        if (set) {
            synonyms.add(new Synonym(key.name(), shown(broker.get(key), sensitive), SOURCE_BROKER_FILE));
        }
        synonyms.add(new Synonym(key.name(), shown(key.defaultValue(), sensitive), SOURCE_DEFAULT));
        return new Entry(
                key.name(),
                synonyms.get(0).value(),
                synonyms.get(0).source(),
                true,
                sensitive,
                typeOf(key.type().label()),
                key.doc(),
                synonyms);
    }

    private static @Nullable String shown(@Nullable Object value, boolean sensitive) {
        return sensitive ? null : String.valueOf(value);
    }

    /** Kafka's code for what {@code ConfigType.label()} names. */
    private static byte typeOf(String label) {
        return switch (label) {
            case "boolean" -> 1;
            case "int" -> 3;
            case "long" -> 5;
            case "double" -> 6;
            case "list" -> 7;
            case "password" -> 9;
            default -> 2;
        };
    }
}
