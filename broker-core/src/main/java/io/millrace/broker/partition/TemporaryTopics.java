// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.TemporaryName;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.time.BrokerClock;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The temporary destinations of this run of this broker: topics of one partition each over a store in memory, unknown to
 * the cluster (docs/decisions/0014). Safe for any thread.
 */
public final class TemporaryTopics {
    private final int brokerId;
    private final String incarnation;
    private final @Nullable Store store;
    private final int max;
    private final AtomicLong numbers = new AtomicLong();
    /** One count for all: a partition's next epoch need only be above its last. */
    private final AtomicInteger epochs = new AtomicInteger();

    private final Map<String, Entry> byName = new ConcurrentHashMap<>();
    private final Map<Map<String, String>, TopicConfig> configs = new ConcurrentHashMap<>();

    private record Store(LogStore logs, PartitionOpener opener, PartitionSettings settings) {}

    private record Entry(TopicInfo topic, Partition partition) {}

    /**
     * @param memory holds their logs
     * @param factories make the state machines of each partition
     */
    public TemporaryTopics(
            int brokerId,
            UUID incarnation,
            LogStore memory,
            BrokerClock clock,
            PartitionSettings settings,
            List<StateMachineFactory> factories) {
        this.brokerId = brokerId;
        this.incarnation = TemporaryName.incarnation(incarnation);
        PartitionOpener opener = new PartitionOpener(
                id -> CompletableFuture.completedFuture(epochs.incrementAndGet()),
                memory,
                Runnable::run,
                clock,
                settings,
                factories,
                new ReadAhead(0));
        this.store = new Store(memory, opener, settings);
        this.max = settings.broker().get(BrokerConfigKeys.JMS_TEMPORARY_MAX);
    }

    private TemporaryTopics() {
        brokerId = -1;
        incarnation = "";
        store = null;
        max = 0;
    }

    /** For a broker that has none: to make one fails. */
    static TemporaryTopics none() {
        return new TemporaryTopics();
    }

    /**
     * Makes one; completes, on an unspecified thread, when it serves. Fails with {@code UNAVAILABLE} when there are as
     * many as the configuration allows.
     *
     * @param config its topic settings
     * @param loop owns its partition
     */
    public CompletableFuture<TopicInfo> create(Map<String, String> config, OwnerLoop loop) {
        Store available = store;
        if (available == null || byName.size() >= max) {
            return CompletableFuture.failedFuture(new BrokerException(
                    Code.UNAVAILABLE,
                    "This broker has " + byName.size() + " temporary destinations, the most it may have ("
                            + BrokerConfigKeys.JMS_TEMPORARY_MAX.name() + "); delete some"));
        }
        String name = new TemporaryName(brokerId, incarnation, numbers.incrementAndGet()).toString();
        TopicInfo topic =
                new TopicInfo(UUID.randomUUID(), name, List.of(new PartitionOwnership(brokerId, 0)), config, 0);
        TopicConfig parsed =
                configs.computeIfAbsent(topic.config(), set -> TopicConfigs.check(set, available.settings.broker()));
        Partition partition = new Partition(new PartitionId(topic.id(), name, 0), loop, available.opener, parsed);
        byName.put(name, new Entry(topic, partition));
        partition.start();
        return partition.whenServing().thenApply(serving -> topic);
    }

    /** Whether a name is one that this run of this broker has given, be it in use or not. */
    boolean holds(TemporaryName name) {
        return name.brokerId() == brokerId && name.incarnation().equals(incarnation);
    }

    /** The one with this name; {@code null} when there is none in this run of this broker. */
    public @Nullable TopicInfo topic(String name) {
        Entry entry = byName.get(name);
        return entry == null ? null : entry.topic;
    }

    @Nullable
    Partition find(PartitionId id) {
        Entry entry = byName.get(id.topic());
        return entry == null || !entry.partition.id().equals(id) ? null : entry.partition;
    }

    Collection<Partition> partitions() {
        return byName.values().stream().map(Entry::partition).toList();
    }

    /** How many there are. */
    public int size() {
        return byName.size();
    }

    /** Deletes one with all it holds; completes when nothing is left of it. Does nothing where there is none. */
    public CompletableFuture<Void> delete(String name) {
        Entry entry = byName.remove(name);
        Store available = store;
        if (entry == null || available == null) {
            return CompletableFuture.completedFuture(null);
        }
        return entry.partition
                .close("the temporary destination was deleted")
                .thenCompose(closed -> available.logs.delete(entry.partition.id()));
    }
}
