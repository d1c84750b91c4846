// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import static io.millrace.broker.config.ConfigKey.ofBoolean;
import static io.millrace.broker.config.ConfigKey.ofChoice;
import static io.millrace.broker.config.ConfigKey.ofInt;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Every setting that one group may have (Kafka's config resource GROUP), each declared once, with Kafka's names and
 * meanings; {@code docs/group-settings.md} is made from this list.
 */
public final class GroupConfigKeys {
    private static final Map<String, GroupConfigKey<?>> DECLARED = new LinkedHashMap<>();

    public static final GroupConfigKey<OffsetReset> SHARE_AUTO_OFFSET_RESET = add(
            new ConfigKey<>(
                    "share.auto.offset.reset",
                    new ConfigType.OffsetResetType(),
                    "",
                    OffsetReset.LATEST,
                    "Where a share group starts on a partition that it has not read yet: at the end, at the beginning, or as long ago as the duration says."),
            null,
            null,
            null);

    public static final GroupConfigKey<Integer> SHARE_DELIVERY_COUNT_LIMIT = add(
            ofInt(
                    "share.delivery.count.limit",
                    5,
                    2,
                    Integer.MAX_VALUE,
                    "deliveries",
                    "A record that was delivered to a share group so often without being accepted is given up."),
            BrokerConfigKeys.GROUP_SHARE_DELIVERY_COUNT_LIMIT,
            BrokerConfigKeys.GROUP_SHARE_MIN_DELIVERY_COUNT_LIMIT,
            BrokerConfigKeys.GROUP_SHARE_MAX_DELIVERY_COUNT_LIMIT);

    public static final GroupConfigKey<Integer> SHARE_HEARTBEAT_INTERVAL_MS = add(
            ofInt(
                    "share.heartbeat.interval.ms",
                    5_000,
                    1,
                    Integer.MAX_VALUE,
                    "ms",
                    "How often a share group's member is told to give a sign of life."),
            BrokerConfigKeys.GROUP_SHARE_HEARTBEAT_INTERVAL_MS,
            BrokerConfigKeys.GROUP_SHARE_MIN_HEARTBEAT_INTERVAL_MS,
            BrokerConfigKeys.GROUP_SHARE_MAX_HEARTBEAT_INTERVAL_MS);

    public static final GroupConfigKey<String> SHARE_ISOLATION_LEVEL = add(
            ofChoice(
                    "share.isolation.level",
                    "read_uncommitted",
                    List.of("read_committed", "read_uncommitted"),
                    "Whether a share group waits for transactions to end and passes over aborted records."),
            null,
            null,
            null);

    public static final GroupConfigKey<Integer> SHARE_PARTITION_MAX_RECORD_LOCKS = add(
            ofInt(
                    "share.partition.max.record.locks",
                    2_000,
                    1,
                    Integer.MAX_VALUE,
                    "records",
                    "Records of one partition that members of a share group hold at one time."),
            BrokerConfigKeys.GROUP_SHARE_PARTITION_MAX_RECORD_LOCKS,
            BrokerConfigKeys.GROUP_SHARE_MIN_PARTITION_MAX_RECORD_LOCKS,
            BrokerConfigKeys.GROUP_SHARE_MAX_PARTITION_MAX_RECORD_LOCKS);

    public static final GroupConfigKey<Integer> SHARE_RECORD_LOCK_DURATION_MS = add(
            ofInt(
                    "share.record.lock.duration.ms",
                    30_000,
                    1_000,
                    Integer.MAX_VALUE,
                    "ms",
                    "How long a record is a member's own after its delivery; then others may get it."),
            BrokerConfigKeys.GROUP_SHARE_RECORD_LOCK_DURATION_MS,
            BrokerConfigKeys.GROUP_SHARE_MIN_RECORD_LOCK_DURATION_MS,
            BrokerConfigKeys.GROUP_SHARE_MAX_RECORD_LOCK_DURATION_MS);

    public static final GroupConfigKey<Boolean> SHARE_RENEW_ACKNOWLEDGE_ENABLE = add(
            ofBoolean(
                    "share.renew.acknowledge.enable",
                    true,
                    "Whether members of a share group may renew their hold on a record (KIP-1222)."),
            null,
            null,
            null);

    public static final GroupConfigKey<Integer> SHARE_SESSION_TIMEOUT_MS = add(
            ofInt(
                    "share.session.timeout.ms",
                    45_000,
                    1,
                    Integer.MAX_VALUE,
                    "ms",
                    "A share group's member is removed after this silence."),
            BrokerConfigKeys.GROUP_SHARE_SESSION_TIMEOUT_MS,
            BrokerConfigKeys.GROUP_SHARE_MIN_SESSION_TIMEOUT_MS,
            BrokerConfigKeys.GROUP_SHARE_MAX_SESSION_TIMEOUT_MS);

    private static final Map<String, GroupConfigKey<?>> ALL = Map.copyOf(DECLARED);

    private GroupConfigKeys() {}

    /** All keys, by name. */
    public static List<GroupConfigKey<?>> all() {
        return List.copyOf(DECLARED.values());
    }

    /** The key of this name, or {@code null}. */
    public static @Nullable GroupConfigKey<?> find(String name) {
        return ALL.get(name);
    }

    private static <T> GroupConfigKey<T> add(
            ConfigKey<T> key,
            @Nullable ConfigKey<T> ofBroker,
            @Nullable ConfigKey<Integer> min,
            @Nullable ConfigKey<Integer> max) {
        GroupConfigKey<T> declared = new GroupConfigKey<>(key, ofBroker, min, max);
        DECLARED.put(key.name(), declared);
        return declared;
    }
}
