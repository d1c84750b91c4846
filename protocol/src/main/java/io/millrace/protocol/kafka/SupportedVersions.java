// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import static java.util.Map.entry;

import io.millrace.protocol.message.MillraceApi;
import java.util.Collection;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import org.apache.kafka.common.message.ApiVersionsResponseData;
import org.apache.kafka.common.message.ApiVersionsResponseData.ApiVersion;
import org.apache.kafka.common.protocol.ApiKeys;

/** The APIs a server speaks and their versions. Each version in {@link #all()} has a round-trip test. */
public final class SupportedVersions {
    /** The first version whose records are in the v2 batch format, the only one there is here. */
    public static final short FIRST_USABLE_PRODUCE = 3;

    private static final SupportedVersions ALL = new SupportedVersions(table());

    private final SortedMap<Short, Range> ranges;

    private SupportedVersions(SortedMap<Short, Range> ranges) {
        this.ranges = ranges;
    }

    /** Versions from {@code min} to {@code max}, both included. */
    public record Range(short min, short max) {
        static Range of(int min, int max) {
            return new Range((short) min, (short) max);
        }

        public boolean contains(short version) {
            return version >= min && version <= max;
        }
    }

    /** Everything this module can encode and decode, Millrace's own APIs included. */
    public static SupportedVersions all() {
        return ALL;
    }

    /** This table without the APIs whose key is not in {@code keys}: what a server has handlers for. */
    public SupportedVersions restrictedTo(Collection<Short> keys) {
        TreeMap<Short, Range> kept = new TreeMap<>(ranges);
        kept.keySet().retainAll(Set.copyOf(keys));
        return new SupportedVersions(kept);
    }

    public boolean knows(short apiKey) {
        return ranges.containsKey(apiKey);
    }

    /**
     * Whether a request of this version can be served. False for Produce 0 to 2, which are advertised only because
     * librdkafka otherwise leaves out compression.
     */
    public boolean serves(short apiKey, short version) {
        Range range = ranges.get(apiKey);
        return range != null
                && range.contains(version)
                && !(apiKey == ApiKeys.PRODUCE.id && version < FIRST_USABLE_PRODUCE);
    }

    /** API key to advertised range, in the order of the keys. */
    public Map<Short, Range> ranges() {
        return Map.copyOf(ranges);
    }

    /** What an ApiVersions request of a supported version is answered with. */
    public ApiVersionsResponseData toResponse() {
        ApiVersionsResponseData response = new ApiVersionsResponseData();
        ranges.forEach((key, range) -> response.apiKeys()
                .add(new ApiVersion().setApiKey(key).setMinVersion(range.min()).setMaxVersion(range.max())));
        return response;
    }

    private static SortedMap<Short, Range> table() {
        TreeMap<Short, Range> table = new TreeMap<>();
        Map.ofEntries(
                        entry(ApiKeys.PRODUCE, Range.of(0, 13)),
                        entry(ApiKeys.FETCH, Range.of(4, 18)),
                        entry(ApiKeys.LIST_OFFSETS, Range.of(1, 11)),
                        entry(ApiKeys.METADATA, Range.of(0, 13)),
                        entry(ApiKeys.OFFSET_COMMIT, Range.of(2, 10)),
                        entry(ApiKeys.OFFSET_FETCH, Range.of(1, 10)),
                        entry(ApiKeys.FIND_COORDINATOR, Range.of(0, 6)),
                        entry(ApiKeys.JOIN_GROUP, Range.of(0, 9)),
                        entry(ApiKeys.HEARTBEAT, Range.of(0, 4)),
                        entry(ApiKeys.LEAVE_GROUP, Range.of(0, 5)),
                        entry(ApiKeys.SYNC_GROUP, Range.of(0, 5)),
                        entry(ApiKeys.DESCRIBE_GROUPS, Range.of(0, 6)),
                        entry(ApiKeys.LIST_GROUPS, Range.of(0, 5)),
                        entry(ApiKeys.SASL_HANDSHAKE, Range.of(0, 1)),
                        entry(ApiKeys.API_VERSIONS, Range.of(0, 5)),
                        entry(ApiKeys.CREATE_TOPICS, Range.of(2, 7)),
                        entry(ApiKeys.DELETE_TOPICS, Range.of(1, 6)),
                        entry(ApiKeys.INIT_PRODUCER_ID, Range.of(0, 5)),
                        entry(ApiKeys.OFFSET_FOR_LEADER_EPOCH, Range.of(2, 4)),
                        entry(ApiKeys.ADD_PARTITIONS_TO_TXN, Range.of(0, 5)),
                        entry(ApiKeys.ADD_OFFSETS_TO_TXN, Range.of(0, 4)),
                        entry(ApiKeys.END_TXN, Range.of(0, 5)),
                        entry(ApiKeys.WRITE_TXN_MARKERS, Range.of(1, 2)),
                        entry(ApiKeys.TXN_OFFSET_COMMIT, Range.of(0, 6)),
                        entry(ApiKeys.DESCRIBE_PRODUCERS, Range.of(0, 0)),
                        entry(ApiKeys.DESCRIBE_TRANSACTIONS, Range.of(0, 0)),
                        entry(ApiKeys.LIST_TRANSACTIONS, Range.of(0, 2)),
                        entry(ApiKeys.DESCRIBE_ACLS, Range.of(1, 3)),
                        entry(ApiKeys.CREATE_ACLS, Range.of(1, 3)),
                        entry(ApiKeys.DELETE_ACLS, Range.of(1, 3)),
                        entry(ApiKeys.DESCRIBE_CONFIGS, Range.of(1, 4)),
                        entry(ApiKeys.SASL_AUTHENTICATE, Range.of(0, 2)),
                        entry(ApiKeys.DESCRIBE_CLIENT_QUOTAS, Range.of(0, 1)),
                        entry(ApiKeys.ALTER_CLIENT_QUOTAS, Range.of(0, 1)),
                        entry(ApiKeys.DESCRIBE_USER_SCRAM_CREDENTIALS, Range.of(0, 0)),
                        entry(ApiKeys.ALTER_USER_SCRAM_CREDENTIALS, Range.of(0, 0)),
                        entry(ApiKeys.DELETE_GROUPS, Range.of(0, 3)),
                        entry(ApiKeys.DELETE_RECORDS, Range.of(0, 2)),
                        entry(ApiKeys.CREATE_PARTITIONS, Range.of(0, 3)),
                        entry(ApiKeys.ALTER_CONFIGS, Range.of(0, 2)),
                        entry(ApiKeys.INCREMENTAL_ALTER_CONFIGS, Range.of(0, 1)),
                        entry(ApiKeys.DESCRIBE_LOG_DIRS, Range.of(1, 5)),
                        entry(ApiKeys.DESCRIBE_TOPIC_PARTITIONS, Range.of(0, 0)),
                        entry(ApiKeys.DESCRIBE_CLUSTER, Range.of(0, 2)),
                        entry(ApiKeys.ELECT_LEADERS, Range.of(0, 2)),
                        entry(ApiKeys.LIST_PARTITION_REASSIGNMENTS, Range.of(0, 0)),
                        entry(ApiKeys.LIST_CONFIG_RESOURCES, Range.of(0, 1)),
                        entry(ApiKeys.OFFSET_DELETE, Range.of(0, 0)),
                        entry(ApiKeys.CONSUMER_GROUP_HEARTBEAT, Range.of(0, 1)),
                        entry(ApiKeys.CONSUMER_GROUP_DESCRIBE, Range.of(0, 1)),
                        entry(ApiKeys.SHARE_GROUP_HEARTBEAT, Range.of(1, 1)),
                        entry(ApiKeys.SHARE_GROUP_DESCRIBE, Range.of(1, 1)),
                        entry(ApiKeys.SHARE_FETCH, Range.of(1, 2)),
                        entry(ApiKeys.SHARE_ACKNOWLEDGE, Range.of(1, 2)),
                        entry(ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS, Range.of(0, 1)),
                        entry(ApiKeys.ALTER_SHARE_GROUP_OFFSETS, Range.of(0, 0)),
                        entry(ApiKeys.DELETE_SHARE_GROUP_OFFSETS, Range.of(0, 0)))
                .forEach((api, range) -> table.put(api.id, range));
        for (MillraceApi api : MillraceApi.values()) {
            table.put(api.key(), Range.of(0, 0));
        }
        return table;
    }
}
