// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException.Code;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The settings a topic may have, by Kafka's names, with their defaults and rules. Kept even where not yet acted on. */
public final class TopicConfigs {
    static final String MAX_MESSAGE_BYTES = "max.message.bytes";

    private static final Map<String, Setting> KNOWN = new TreeMap<>();

    static {
        add("cleanup.policy", Kind.LIST, "delete", "delete", "compact");
        add("compression.type", Kind.CHOICE, "producer", "producer");
        add("delete.retention.ms", Kind.LONG, "86400000");
        add("file.delete.delay.ms", Kind.LONG, "60000");
        add("flush.messages", Kind.LONG, "9223372036854775807");
        add("flush.ms", Kind.LONG, "9223372036854775807");
        add("index.interval.bytes", Kind.LONG, "4096");
        add("max.compaction.lag.ms", Kind.LONG, "9223372036854775807");
        add(MAX_MESSAGE_BYTES, Kind.SIZE, "1048588");
        add("message.timestamp.after.max.ms", Kind.LONG, "3600000");
        add("message.timestamp.before.max.ms", Kind.LONG, "9223372036854775807");
        add("message.timestamp.type", Kind.CHOICE, "CreateTime", "CreateTime");
        add("min.cleanable.dirty.ratio", Kind.DOUBLE, "0.5");
        add("min.compaction.lag.ms", Kind.LONG, "0");
        add("min.insync.replicas", Kind.LONG, "1");
        add("preallocate", Kind.CHOICE, "false", "false", "true");
        add("retention.bytes", Kind.LONG, "-1");
        add("retention.ms", Kind.LONG, "604800000");
        add("segment.bytes", Kind.LONG, "1073741824");
        add("segment.index.bytes", Kind.LONG, "10485760");
        add("segment.jitter.ms", Kind.LONG, "0");
        add("segment.ms", Kind.LONG, "604800000");
        add("unclean.leader.election.enable", Kind.CHOICE, "false", "false");
    }

    private TopicConfigs() {}

    /** The names of all settings, Millrace's own ({@code millrace.*}) excepted. */
    public static Set<String> names() {
        return Set.copyOf(KNOWN.keySet());
    }

    /** The value that holds when a topic does not set it, or {@code null} for an unknown name. */
    public static @Nullable String defaultOf(String name) {
        Setting setting = KNOWN.get(name);
        return setting == null ? null : setting.defaultValue;
    }

    /** Fails with {@code INVALID_CONFIG} for an unknown name or a bad value. */
    public static void check(Map<String, String> config) {
        config.forEach(TopicConfigs::check);
    }

    private static void check(String name, String value) {
        if (name.startsWith("millrace.")) {
            return;
        }
        Setting setting = KNOWN.get(name);
        if (setting == null) {
            throw new BrokerException(Code.INVALID_CONFIG, "Unknown topic config name: " + name);
        }
        boolean good = switch (setting.kind) {
            case LONG -> isBetween(value, Long.MIN_VALUE, Long.MAX_VALUE);
            case SIZE -> isBetween(value, 0, Integer.MAX_VALUE);
            case DOUBLE -> value.matches("[0-9]*\\.?[0-9]+");
            case CHOICE -> setting.choices.contains(value);
            case LIST ->
                setting.choices.containsAll(
                        List.of(value.toLowerCase(Locale.ROOT).split("\\s*,\\s*", -1)));
        };
        if (!good) {
            throw new BrokerException(
                    Code.INVALID_CONFIG,
                    "Invalid value " + value + " for topic config " + name
                            + (setting.choices.isEmpty() ? "" : "; offered are " + setting.choices));
        }
    }

    /** The largest batch a topic takes: its own setting or the broker's. */
    static int maxMessageBytes(@Nullable TopicInfo topic, int ofBroker) {
        String set = topic == null ? null : topic.config().get(MAX_MESSAGE_BYTES);
        return set == null ? ofBroker : Integer.parseInt(set);
    }

    private static boolean isBetween(String value, long min, long max) {
        try {
            long number = Long.parseLong(value);
            return number >= min && number <= max;
        } catch (NumberFormatException e) {
            return false;
        }
    }

    private static void add(String name, Kind kind, String defaultValue, String... choices) {
        KNOWN.put(name, new Setting(kind, defaultValue, List.of(choices)));
    }

    private enum Kind {
        LONG,
        SIZE,
        DOUBLE,
        CHOICE,
        LIST
    }

    private record Setting(Kind kind, String defaultValue, List<String> choices) {}
}
