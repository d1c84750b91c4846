// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.ConfigKey;
import io.millrace.broker.config.GroupConfigKey;
import io.millrace.broker.config.GroupConfigKeys;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKey;
import io.millrace.broker.config.TopicConfigKeys;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Settings as Kafka's config APIs show them. Immutable; safe for any thread. */
final class ConfigEntries {
    static final byte SOURCE_TOPIC = 1;
    static final byte SOURCE_BROKER_FILE = 4;
    static final byte SOURCE_DEFAULT = 5;
    static final byte SOURCE_GROUP = 8;
    private static final String OWN_PREFIX = "millrace.";

    private final BrokerConfig broker;

    ConfigEntries(BrokerConfig broker) {
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

    /** Those of a topic, by name; Millrace's own ({@code millrace.*}) where the topic sets them. */
    static List<Entry> ofTopic(TopicConfig config) {
        List<Entry> entries = new ArrayList<>();
        for (TopicConfigKey<?> key : TopicConfigKeys.all()) {
            if (!key.name().startsWith(OWN_PREFIX) || config.set().containsKey(key.name())) {
                entries.add(entry(key, config));
            }
        }
        return entries;
    }

    private static Entry entry(TopicConfigKey<?> key, TopicConfig config) {
        List<Synonym> synonyms = config.values(key).stream()
                .map(value -> new Synonym(value.name(), value.value(), sourceOf(value.source())))
                .toList();
        return new Entry(
                key.name(),
                synonyms.get(0).value(),
                synonyms.get(0).source(),
                false,
                false,
                typeOf(key.key().type().label()),
                key.key().doc(),
                synonyms);
    }

    private static byte sourceOf(TopicConfig.Source source) {
        return switch (source) {
            case TOPIC -> SOURCE_TOPIC;
            case BROKER -> SOURCE_BROKER_FILE;
            case DEFAULT -> SOURCE_DEFAULT;
        };
    }

    /** Those of a group, by name. */
    static List<Entry> ofGroup(GroupSettings settings) {
        List<Entry> entries = new ArrayList<>();
        for (GroupConfigKey<?> key : GroupConfigKeys.all()) {
            List<Synonym> synonyms = settings.values(key).stream()
                    .map(value -> new Synonym(value.name(), value.value(), sourceOf(value.source())))
                    .toList();
            entries.add(new Entry(
                    key.name(),
                    synonyms.get(0).value(),
                    synonyms.get(0).source(),
                    false,
                    false,
                    typeOf(key.key().type().label()),
                    key.key().doc(),
                    synonyms));
        }
        return entries;
    }

    private static byte sourceOf(GroupSettings.Source source) {
        return switch (source) {
            case GROUP -> SOURCE_GROUP;
            case BROKER -> SOURCE_BROKER_FILE;
            case DEFAULT -> SOURCE_DEFAULT;
        };
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
