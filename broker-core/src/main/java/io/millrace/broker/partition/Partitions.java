// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.time.BrokerClock;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The partitions this broker owns. Follows the cluster's picture: opens what became this broker's, closes what went to
 * another, deletes what was deleted. Safe for any thread.
 */
public final class Partitions implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Partitions.class);
    private static final int RECOVERY_THREADS = 2;

    private final int brokerId;
    private final Cluster cluster;
    private final LogStore store;
    private final OwnerLoops loops;
    private final ExecutorService recovery = Executors.newFixedThreadPool(RECOVERY_THREADS, new RecoveryThreads());
    private final PartitionSettings settings;
    private final PartitionOpener opener;
    private final Map<PartitionId, Partition> owned = new ConcurrentHashMap<>();
    private final LogCleaner cleaner;
    private final TemporaryTopics temporaries;
    private final Map<UUID, TopicConfig> configs = new ConcurrentHashMap<>();
    private boolean closed;

    /** @param factories make the state machines of each partition */
    public Partitions(
            int brokerId,
            Cluster cluster,
            LogStore store,
            OwnerLoops loops,
            BrokerClock clock,
            PartitionSettings settings,
            List<StateMachineFactory> factories) {
        this(brokerId, cluster, store, loops, clock, settings, factories, TemporaryTopics.none());
    }

    /**
     * @param factories make the state machines of each partition
     * @param temporaries this broker's temporary destinations
     */
    public Partitions(
            int brokerId,
            Cluster cluster,
            LogStore store,
            OwnerLoops loops,
            BrokerClock clock,
            PartitionSettings settings,
            List<StateMachineFactory> factories,
            TemporaryTopics temporaries) {
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.store = store;
        this.loops = loops;
        this.settings = settings;
        this.cleaner = new LogCleaner(settings.broker());
        this.temporaries = temporaries;
        this.opener = new PartitionOpener(
                cluster::claim,
                store,
                recovery,
                clock,
                settings,
                factories,
                new ReadAhead(settings.broker().get(BrokerConfigKeys.FETCH_READ_AHEAD_BYTES)));
    }

    /** This broker's temporary destinations. */
    public TemporaryTopics temporaries() {
        return temporaries;
    }

    /** Where the partitions' logs are, and such as go with them. */
    public LogStore store() {
        return store;
    }

    /** A topic of the cluster or a temporary one of this broker, as JMS clients know them. */
    public @Nullable TopicInfo destination(String name) {
        return ReservedNames.isTemporary(name)
                ? temporaries.topic(name)
                : cluster.view().topic(name);
    }

    /**
     * A serving partition of what {@link #destination} finds. Fails with {@code UNKNOWN_TOPIC} or {@code NOT_LEADER}.
     */
    public Partition ofDestination(String name, int partition) {
        TopicInfo info = destination(name);
        if (info == null) {
            throw new BrokerException(
                    Code.UNKNOWN_TOPIC,
                    ReservedNames.isTemporary(name)
                            ? "There is no temporary destination " + name
                                    + " any more; it ended with the connection that made it"
                            : "There is no topic " + name);
        }
        return get(info, partition);
    }

    /**
     * A partition that the cluster has given to this broker and that it does not serve at the moment, because it is being
     * recovered, has failed, or the cluster's session was lost; {@code null} when it serves all. Any thread.
     */
    public @Nullable PartitionId unserved() {
        for (TopicInfo topic : cluster.view().topics().values()) {
            for (int i = 0; i < topic.partitions().size(); i++) {
                if (topic.partitions().get(i).owner() == brokerId) {
                    PartitionId id = new PartitionId(topic.id(), topic.name(), i);
                    Partition partition = find(id);
                    if (partition == null || !partition.isServing()) {
                        return id;
                    }
                }
            }
        }
        return null;
    }

    LogCleaner cleaner() {
        return cleaner;
    }

    PartitionSettings settings() {
        return settings;
    }

    /** Begins to follow the cluster; call once, after registration. */
    public void start() {
        scheduleRetention();
        scheduleCleaning();
        cluster.addListener(new Cluster.Listener() {
            @Override
            public void onChange(ClusterView view) {
                refresh();
            }

            @Override
            public void onSessionLost() {
                var unused = closeAll("the cluster session ended");
            }
        });
    }

    /** What a topic's partitions here go by at present. */
    private TopicConfig configOf(TopicInfo topic) {
        TopicConfig known = configs.get(topic.id());
        if (known != null && known.set().equals(topic.config())) {
            return known;
        }
        TopicConfig parsed = TopicConfigs.lenient(topic.name(), topic.config(), settings.broker());
        configs.put(topic.id(), parsed);
        return parsed;
    }

    private void scheduleRetention() {
        var unused = loops.timers()
                .schedule(this::retainAll, settings.broker().get(BrokerConfigKeys.LOG_RETENTION_CHECK_INTERVAL_MS));
    }

    private void scheduleCleaning() {
        var unused =
                loops.timers().schedule(this::cleanAll, settings.broker().get(BrokerConfigKeys.LOG_CLEANER_BACKOFF_MS));
    }

    private synchronized void cleanAll() {
        if (!closed) {
            cleaner.cleanDue(owned.values());
            scheduleCleaning();
        }
    }

    private synchronized void retainAll() {
        if (closed) {
            return;
        }
        for (Partition partition : owned.values()) {
            if (partition.isServing()) {
                Completions.whenDone(partition.retain(), (start, failure) -> {
                    if (failure != null) {
                        LOG.warn("Retention of {} failed; it is tried again: {}", partition.id(), failure.toString());
                    }
                });
            }
        }
        temporaries.partitions().forEach(Partition::trimConsumed);
        scheduleRetention();
    }

    /** The partition, if this broker owns it; it may not serve yet. */
    public @Nullable Partition find(PartitionId id) {
        return ReservedNames.isTemporary(id.topic()) ? temporaries.find(id) : owned.get(id);
    }

    /** Those this broker owns, serving or not. */
    public Collection<Partition> all() {
        return List.copyOf(owned.values());
    }

    /** A serving partition. Fails with {@code UNKNOWN_TOPIC} or {@code NOT_LEADER}. */
    public Partition get(String topic, int partition) {
        TopicInfo info = cluster.view().topic(topic);
        if (info == null) {
            throw new BrokerException(Code.UNKNOWN_TOPIC, "There is no topic " + topic);
        }
        return get(info, partition);
    }

    /** A serving partition. Fails with {@code UNKNOWN_TOPIC_ID}, {@code UNKNOWN_TOPIC} or {@code NOT_LEADER}. */
    public Partition get(UUID topicId, int partition) {
        TopicInfo info = cluster.view().topic(topicId);
        if (info == null) {
            throw new BrokerException(Code.UNKNOWN_TOPIC_ID, "There is no topic with id " + topicId);
        }
        return get(info, partition);
    }

    /** A serving partition. Fails with {@code UNKNOWN_TOPIC} or {@code NOT_LEADER}. */
    public Partition get(TopicInfo topic, int partition) {
        if (partition < 0 || partition >= topic.partitions().size()) {
            throw new BrokerException(
                    Code.UNKNOWN_TOPIC,
                    "Topic " + topic.name() + " has " + topic.partitions().size() + " partitions, no partition "
                            + partition);
        }
        Partition found = find(new PartitionId(topic.id(), topic.name(), partition));
        if (found == null || !found.isServing()) {
            throw new BrokerException(
                    Code.NOT_LEADER,
                    "Partition " + topic.name() + "-" + partition
                            + " is not served by this broker now; look its leader up again");
        }
        return found;
    }

    /** Completes when each partition of a topic that is this broker's serves; with the topic. */
    public CompletableFuture<TopicInfo> whenServing(TopicInfo topic) {
        refresh();
        CompletableFuture<?>[] opened =
                new CompletableFuture<?>[topic.partitions().size()];
        for (int i = 0; i < opened.length; i++) {
            Partition partition = owned.get(new PartitionId(topic.id(), topic.name(), i));
            opened[i] = partition == null ? CompletableFuture.completedFuture(null) : partition.whenServing();
        }
        return CompletableFuture.allOf(opened).thenApply(done -> topic);
    }

    /**
     * Runs {@code work} while it holds all of {@code ids} and appends what it computes, all of it or nothing. The future
     * completes when that is durable, on an unspecified thread; it fails with the {@link BrokerException} by which the
     * work, a check or the store refused.
     */
    public CompletableFuture<Map<PartitionId, Appended>> atomically(Set<PartitionId> ids, AtomicWork work) {
        long durable = ids.stream()
                .filter(id -> !ReservedNames.isTemporary(id.topic()))
                .count();
        if (durable > 1 && !store.capabilities().atomicAcrossPartitions()) {
            return CompletableFuture.failedFuture(new BrokerException(
                    Code.UNSUPPORTED, "This broker's store cannot append to several partitions atomically"));
        }
        Map<PartitionId, Partition> partitions = new TreeMap<>();
        for (PartitionId id : ids) {
            Partition partition = find(id);
            if (partition == null) {
                return CompletableFuture.failedFuture(new BrokerException(
                        Code.NOT_LEADER, "Partition " + id + " is not owned by this broker; look its leader up again"));
            }
            partitions.put(id, partition);
        }
        return new AtomicAppend(store, partitions, work).start();
    }

    /** Closes all partitions after what was appended is durable. Idempotent; blocks. */
    @Override
    public void close() {
        synchronized (this) {
            closed = true;
        }
        closeAll("the broker stops").join();
        recovery.shutdown();
        cleaner.close();
    }

    /** Brings what is owned in line with the cluster's latest picture. */
    synchronized void refresh() {
        if (closed) {
            return;
        }
        ClusterView view = cluster.view();
        Set<PartitionId> mine = new HashSet<>();
        Set<UUID> topics = new HashSet<>();
        for (TopicInfo topic : view.topics().values()) {
            topics.add(topic.id());
            TopicConfig config = configOf(topic);
            for (int i = 0; i < topic.partitions().size(); i++) {
                if (topic.partitions().get(i).owner() == brokerId) {
                    PartitionId id = new PartitionId(topic.id(), topic.name(), i);
                    mine.add(id);
                    Partition present = owned.computeIfAbsent(id, key -> open(key, config));
                    if (present.config() != config) {
                        present.configure(config);
                    }
                }
            }
        }
        configs.keySet().retainAll(topics);
        for (PartitionId id : List.copyOf(owned.keySet())) {
            if (!mine.contains(id)) {
                release(id, view.topic(id.topicId()) == null);
            }
        }
    }

    private Partition open(PartitionId id, TopicConfig config) {
        Partition partition = new Partition(id, loops.loopOf(id), opener, config);
        partition.start();
        return partition;
    }

    private void release(PartitionId id, boolean deleted) {
        Partition partition = owned.remove(id);
        if (partition == null) {
            return;
        }
        CompletableFuture<Void> done = partition.close(deleted ? "its topic was deleted" : "another broker owns it");
        if (deleted) {
            Completions.whenDone(done.thenCompose(ended -> store.delete(id)), (gone, failure) -> {
                if (failure != null) {
                    LOG.warn("Deleting the log of {} failed; its files stay: {}", id, failure.toString());
                }
            });
        }
    }

    private synchronized CompletableFuture<Void> closeAll(String reason) {
        CompletableFuture<?>[] closing = owned.values().stream()
                .map(partition -> partition.close(reason))
                .toArray(CompletableFuture<?>[]::new);
        owned.clear();
        return CompletableFuture.allOf(closing);
    }

    /** Names the threads that replay state at opening. */
    private static final class RecoveryThreads implements ThreadFactory {
        private final AtomicInteger count = new AtomicInteger();

        @Override
        public Thread newThread(Runnable task) {
            Thread thread = new Thread(task, "millrace-recovery-" + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        }
    }
}
