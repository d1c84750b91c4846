// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import static io.millrace.broker.config.ConfigKey.ofBoolean;
import static io.millrace.broker.config.ConfigKey.ofChoice;
import static io.millrace.broker.config.ConfigKey.ofDouble;
import static io.millrace.broker.config.ConfigKey.ofInt;
import static io.millrace.broker.config.ConfigKey.ofList;
import static io.millrace.broker.config.ConfigKey.ofLong;
import static io.millrace.broker.config.ConfigKey.ofText;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every setting of a topic, each declared once, by Kafka's names; {@code docs/topic-settings.md} is made from this
 * list. Those that Kafka has and a broker with one journal for all has no use for say so: tools set them.
 */
public final class TopicConfigKeys {
    private static final Map<String, TopicConfigKey<?>> DECLARED = new LinkedHashMap<>();
    private static final String NO_EFFECT = "Taken for compatibility, without effect: ";

    public static final TopicConfigKey<String> CLEANUP_POLICY = add(
            ofList(
                    "cleanup.policy",
                    "delete",
                    List.of("delete", "compact"),
                    "Whether old records are deleted, or only those that a later one of the same key replaces, or both;"
                            + " a JMS destination takes delete only."),
            BrokerConfigKeys.LOG_CLEANUP_POLICY);
    public static final TopicConfigKey<String> COMPRESSION_TYPE = add(
            ofChoice(
                    "compression.type",
                    "producer",
                    List.of("producer"),
                    "How batches are compressed: as their producer did. Any other value, with which Kafka compresses anew, is refused: what a producer sent is stored byte for byte."),
            null);
    public static final TopicConfigKey<Long> DELETE_RETENTION_MS = add(
            ofLong(
                    "delete.retention.ms",
                    86_400_000,
                    0,
                    Long.MAX_VALUE,
                    "ms",
                    "How long compaction keeps a tombstone (a record without value) after it has first seen it."),
            BrokerConfigKeys.LOG_CLEANER_DELETE_RETENTION_MS);
    public static final TopicConfigKey<Long> FILE_DELETE_DELAY_MS = unused(ofLong(
            "file.delete.delay.ms",
            60_000,
            0,
            Long.MAX_VALUE,
            "ms",
            NO_EFFECT + "a segment's file goes when its last reader has closed it."));
    public static final TopicConfigKey<Long> FLUSH_MESSAGES = unused(ofLong(
            "flush.messages",
            Long.MAX_VALUE,
            1,
            Long.MAX_VALUE,
            "records",
            NO_EFFECT + "the broker's setting decides when data is synced."));
    public static final TopicConfigKey<Long> FLUSH_MS = unused(ofLong(
            "flush.ms",
            Long.MAX_VALUE,
            0,
            Long.MAX_VALUE,
            "ms",
            NO_EFFECT + "the broker's setting decides when data is synced."));
    public static final TopicConfigKey<Integer> INDEX_INTERVAL_BYTES = add(
            ofInt(
                    "index.interval.bytes",
                    4_096,
                    1,
                    Integer.MAX_VALUE,
                    "bytes",
                    "Bytes of data between two entries of a segment's index."),
            null);
    public static final TopicConfigKey<Long> MAX_COMPACTION_LAG_MS = add(
            ofLong(
                    "max.compaction.lag.ms",
                    Long.MAX_VALUE,
                    1,
                    Long.MAX_VALUE,
                    "ms",
                    "After how long a record is due for compaction whatever the ratio says."),
            BrokerConfigKeys.LOG_CLEANER_MAX_COMPACTION_LAG_MS);
    public static final TopicConfigKey<Integer> MAX_MESSAGE_BYTES = add(
            ofInt(
                    "max.message.bytes",
                    1024 * 1024 + 12,
                    0,
                    Integer.MAX_VALUE,
                    "bytes",
                    "The largest record batch that is taken."),
            BrokerConfigKeys.MESSAGE_MAX_BYTES);
    public static final TopicConfigKey<Long> MESSAGE_TIMESTAMP_AFTER_MAX_MS = add(
            ofLong(
                    "message.timestamp.after.max.ms",
                    3_600_000,
                    0,
                    Long.MAX_VALUE,
                    "ms",
                    "How far a producer's timestamp may lie ahead of the broker's clock."),
            BrokerConfigKeys.LOG_MESSAGE_TIMESTAMP_AFTER_MAX_MS);
    public static final TopicConfigKey<Long> MESSAGE_TIMESTAMP_BEFORE_MAX_MS = add(
            ofLong(
                    "message.timestamp.before.max.ms",
                    Long.MAX_VALUE,
                    0,
                    Long.MAX_VALUE,
                    "ms",
                    "How far a producer's timestamp may lie behind the broker's clock."),
            BrokerConfigKeys.LOG_MESSAGE_TIMESTAMP_BEFORE_MAX_MS);
    public static final TopicConfigKey<String> MESSAGE_TIMESTAMP_TYPE = add(
            ofChoice(
                    "message.timestamp.type",
                    "CreateTime",
                    List.of("CreateTime", "LogAppendTime"),
                    "Whether records keep their producer's timestamp or get the broker's at append."),
            BrokerConfigKeys.LOG_MESSAGE_TIMESTAMP_TYPE);
    public static final TopicConfigKey<String> DEAD_LETTER_QUEUE = add(
            ofText(
                    "millrace.dead.letter.queue",
                    "DLQ",
                    "the name of a queue, or empty",
                    "The queue to which a message of a JMS destination goes that was rejected or delivered too often;"
                            + " made at its first use. Empty: such a message is dropped. The queue itself keeps its"
                            + " messages whatever becomes of them."),
            BrokerConfigKeys.JMS_DEAD_LETTER_QUEUE);
    public static final TopicConfigKey<String> EXPIRY_QUEUE = add(
            ofText(
                    "millrace.expiry.queue",
                    "",
                    "the name of a queue, or empty",
                    "The queue to which an expired message of a JMS destination goes; made at its first use. Empty: an"
                            + " expired message is dropped."),
            BrokerConfigKeys.JMS_EXPIRY_QUEUE);
    public static final TopicConfigKey<String> JMS_KIND = add(
            ofChoice(
                    "millrace.jms.kind",
                    "",
                    List.of("", "queue", "topic"),
                    "What the topic is to JMS clients; empty until its first use by one, then fixed."),
            null);
    public static final TopicConfigKey<Integer> MAX_DELIVERIES = add(
            ofInt(
                    "millrace.max.deliveries",
                    10,
                    -1,
                    Integer.MAX_VALUE,
                    "deliveries",
                    "How often an application may receive a message of a JMS destination before it goes to the"
                            + " dead-letter queue; -1 for no limit, 0 is as 1."),
            BrokerConfigKeys.JMS_MAX_DELIVERIES);
    public static final TopicConfigKey<Long> REDELIVERY_DELAY_MS = add(
            ofLong(
                    "millrace.redelivery.delay.ms",
                    0,
                    0,
                    Long.MAX_VALUE / 4,
                    "ms",
                    "How long a message of a JMS destination that was rolled back or recovered waits for its next"
                            + " delivery."),
            BrokerConfigKeys.JMS_REDELIVERY_DELAY_MS);
    public static final TopicConfigKey<Long> REDELIVERY_MAX_DELAY_MS = add(
            ofLong(
                    "millrace.redelivery.max.delay.ms",
                    3_600_000,
                    0,
                    Long.MAX_VALUE / 4,
                    "ms",
                    "The longest that the multiplier makes a message wait for its next delivery."),
            BrokerConfigKeys.JMS_REDELIVERY_MAX_DELAY_MS);
    public static final TopicConfigKey<Double> REDELIVERY_MULTIPLIER = add(
            ofDouble(
                    "millrace.redelivery.multiplier",
                    1,
                    1,
                    1_000,
                    "",
                    "By how much the wait for the next delivery grows with each delivery."),
            BrokerConfigKeys.JMS_REDELIVERY_MULTIPLIER);
    public static final TopicConfigKey<Double> MIN_CLEANABLE_DIRTY_RATIO = add(
            ofDouble(
                    "min.cleanable.dirty.ratio",
                    0.5,
                    0,
                    1,
                    "",
                    "The log is compacted once this part of its closed segments was not compacted yet."),
            BrokerConfigKeys.LOG_CLEANER_MIN_CLEANABLE_RATIO);
    public static final TopicConfigKey<Long> MIN_COMPACTION_LAG_MS = add(
            ofLong(
                    "min.compaction.lag.ms",
                    0,
                    0,
                    Long.MAX_VALUE,
                    "ms",
                    "How long a record stays uncompacted at least."),
            BrokerConfigKeys.LOG_CLEANER_MIN_COMPACTION_LAG_MS);
    public static final TopicConfigKey<Integer> MIN_INSYNC_REPLICAS = unused(ofInt(
            "min.insync.replicas",
            1,
            1,
            Integer.MAX_VALUE,
            "",
            NO_EFFECT + "replication is the store's, below the partition."));
    public static final TopicConfigKey<Boolean> PREALLOCATE =
            unused(ofBoolean("preallocate", false, NO_EFFECT + "segment files grow in small steps."));
    public static final TopicConfigKey<Long> RETENTION_BYTES = add(
            ofLong(
                    "retention.bytes",
                    -1,
                    -1,
                    Long.MAX_VALUE,
                    "bytes",
                    "How much of a partition is kept, in whole segments; -1 for no limit."),
            BrokerConfigKeys.LOG_RETENTION_BYTES,
            BrokerConfigKeys.JMS_RETENTION_BYTES);
    public static final TopicConfigKey<Long> RETENTION_MS = add(
            ofLong(
                    "retention.ms",
                    7 * 86_400_000L,
                    -1,
                    Long.MAX_VALUE,
                    "ms",
                    "How long records are kept, in whole segments; -1 for no limit."),
            BrokerConfigKeys.LOG_RETENTION_MS,
            BrokerConfigKeys.JMS_RETENTION_MS);
    public static final TopicConfigKey<Integer> SEGMENT_BYTES = add(
            ofInt(
                    "segment.bytes",
                    256 * 1024 * 1024,
                    4 * 1024,
                    1024 * 1024 * 1024,
                    "bytes",
                    "A segment is closed before it grows above this."),
            BrokerConfigKeys.STORAGE_SEGMENT_BYTES);
    public static final TopicConfigKey<Integer> SEGMENT_INDEX_BYTES = unused(ofInt(
            "segment.index.bytes",
            10 * 1024 * 1024,
            4,
            Integer.MAX_VALUE,
            "bytes",
            NO_EFFECT + "an index grows with its segment."));
    public static final TopicConfigKey<Long> SEGMENT_JITTER_MS = unused(ofLong(
            "segment.jitter.ms",
            0,
            0,
            Long.MAX_VALUE,
            "ms",
            NO_EFFECT + "closing a segment costs no sync that would need spreading."));
    public static final TopicConfigKey<Long> SEGMENT_MS = add(
            ofLong(
                    "segment.ms",
                    7 * 86_400_000L,
                    1,
                    Long.MAX_VALUE,
                    "ms",
                    "A segment this old is closed at the next append."),
            BrokerConfigKeys.LOG_ROLL_MS);
    public static final TopicConfigKey<String> UNCLEAN_LEADER_ELECTION_ENABLE = unused(ofChoice(
            "unclean.leader.election.enable",
            "false",
            List.of("false"),
            "A broker never takes over a partition without all that was acknowledged."));

    private static final Map<String, TopicConfigKey<?>> ALL = Map.copyOf(DECLARED);

    private TopicConfigKeys() {}

    /** All keys, by name. */
    public static List<TopicConfigKey<?>> all() {
        return List.copyOf(DECLARED.values());
    }

    /** The key of this name, or {@code null}. */
    public static @Nullable TopicConfigKey<?> find(String name) {
        return ALL.get(name);
    }

    private static <T> TopicConfigKey<T> unused(ConfigKey<T> key) {
        return add(key, null);
    }

    private static <T> TopicConfigKey<T> add(ConfigKey<T> key, @Nullable ConfigKey<T> ofBroker) {
        return add(key, ofBroker, null);
    }

    private static <T> TopicConfigKey<T> add(
            ConfigKey<T> key, @Nullable ConfigKey<T> ofBroker, @Nullable ConfigKey<T> ofJms) {
        TopicConfigKey<T> declared = new TopicConfigKey<>(key, ofBroker, ofJms);
        DECLARED.put(key.name(), declared);
        return declared;
    }
}
