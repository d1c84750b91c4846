// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.PartitionSpread;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.record.TemporaryName;
import io.millrace.protocol.record.TopicNames;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Creates and deletes topics, by the rules for names, counts and settings. Safe for any thread; never blocks. */
public final class Topics {
    private static final int ATTEMPTS = 10;

    private final Cluster cluster;
    private final Partitions partitions;
    private final TopicSettings settings;
    private volatile Function<TopicInfo, CompletableFuture<Void>> deletionGuard =
            topic -> CompletableFuture.completedFuture(null);

    public Topics(Cluster cluster, Partitions partitions, TopicSettings settings) {
        this.cluster = cluster;
        this.partitions = partitions;
        this.settings = settings;
    }

    /** Who may refuse the deletion of a topic, by a failure. Set once, before topics are deleted. */
    public void guardDeletion(Function<TopicInfo, CompletableFuture<Void>> guard) {
        deletionGuard = guard;
    }

    public TopicSettings settings() {
        return settings;
    }

    /** A temporary destination that this broker holds. */
    public @Nullable TopicInfo temporary(String name) {
        return partitions.temporaries().topic(name);
    }

    /** Whether it would be in this run of this broker that a temporary destination of this name is. */
    public boolean holds(TemporaryName name) {
        return partitions.temporaries().holds(name);
    }

    public @Nullable TopicInfo find(String name) {
        return cluster.view().topic(name);
    }

    /**
     * Checks what {@link #create} would; fails with {@code INVALID_TOPIC_NAME}, {@code INVALID_PARTITIONS}, {@code
     * INVALID_CONFIG} or {@code TOPIC_EXISTS}.
     */
    public void check(String name, int partitionCount, Map<String, String> config) {
        String problem = TopicNames.problem(name);
        if (problem != null) {
            throw new BrokerException(Code.INVALID_TOPIC_NAME, problem);
        }
        if (ReservedNames.isTemporary(name)) {
            throw new BrokerException(
                    Code.INVALID_TOPIC_NAME,
                    "Topic " + name + " has a name kept for temporary destinations; use one that does not begin with "
                            + ReservedNames.TEMPORARY_PREFIX);
        }
        if (partitionCount < 1 || partitionCount > settings.maxPartitions()) {
            throw new BrokerException(
                    Code.INVALID_PARTITIONS,
                    "Topic " + name + " cannot have " + partitionCount + " partitions; 1 to " + settings.maxPartitions()
                            + " are allowed");
        }
        var unused = checkedConfig(config);
        if (find(name) != null) {
            throw new BrokerException(Code.TOPIC_EXISTS, "Topic " + name + " already exists");
        }
        checkCollision(name);
    }

    /** Names that differ in nothing but '.' and '_' are one name to Kafka's metrics, so a cluster has one of them. */
    private void checkCollision(String name) {
        String unified = name.replace('.', '_');
        if (unified.indexOf('_') < 0) {
            return;
        }
        for (String other : cluster.view().topics().keySet()) {
            if (other.replace('.', '_').equals(unified)) {
                throw new BrokerException(
                        Code.INVALID_TOPIC_NAME, "Topic '" + name + "' collides with existing topic: " + other);
            }
        }
    }

    /** Fails with {@code INVALID_TOPIC_NAME} for a topic that only the broker itself creates, deletes and writes. */
    public static void checkNotInternal(String name) {
        if (ReservedNames.isInternalTopic(name)) {
            throw new BrokerException(
                    Code.INVALID_TOPIC_NAME, "Topic " + name + " is the broker's own; clients may only read it");
        }
    }

    /**
     * What a topic with these settings of its own goes by; {@link TopicConfig#values} tells sources and synonyms. Fails
     * with {@code INVALID_CONFIG} for an unknown name, a bad value or values that contradict each other.
     */
    public TopicConfig checkedConfig(Map<String, String> config) {
        return TopicConfigs.check(config, partitions.settings().broker());
    }

    /** What a topic goes by; passes over settings that another version wrote and this one does not know. */
    public TopicConfig configOf(TopicInfo topic) {
        return TopicConfigs.lenient(
                topic.name(), topic.config(), partitions.settings().broker());
    }

    /** Creates a topic; completes when its partitions on this broker serve. */
    public CompletableFuture<TopicInfo> create(String name, int partitionCount, Map<String, String> config) {
        try {
            check(name, partitionCount, config);
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return cluster.createTopic(name, partitionCount, config).thenCompose(partitions::whenServing);
    }

    /** As {@link #create(String, int, Map)}, with the broker that owns each partition. */
    public CompletableFuture<TopicInfo> create(String name, List<Integer> owners, Map<String, String> config) {
        try {
            check(name, owners.size(), config);
        } catch (BrokerException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return cluster.createTopic(name, owners, config).thenCompose(partitions::whenServing);
    }

    /** How many partitions a growth to {@code count} adds. Fails with {@code INVALID_PARTITIONS}. */
    public int checkGrowth(TopicInfo topic, int count) {
        int present = topic.partitions().size();
        if (count == present) {
            throw new BrokerException(Code.INVALID_PARTITIONS, "Topic already has " + present + " partition(s).");
        }
        if (count < present || count > settings.maxPartitions()) {
            throw new BrokerException(
                    Code.INVALID_PARTITIONS,
                    "The topic " + topic.name() + " currently has " + present + " partition(s); " + count
                            + (count < present
                                    ? " would not be an increase."
                                    : " is more than the " + settings.maxPartitions() + " that are allowed."));
        }
        return count - present;
    }

    /**
     * Adds partitions; completes when those on this broker serve. Fails with {@code INVALID_PARTITIONS} or {@code
     * UNKNOWN_TOPIC}.
     *
     * @param owners the brokers that own the new ones; {@code null} spreads them over the live brokers
     */
    public CompletableFuture<TopicInfo> grow(String name, int count, @Nullable List<Integer> owners) {
        return retried(name, ATTEMPTS, topic -> {
                    int added = checkGrowth(topic, count);
                    List<Integer> given = owners != null
                            ? owners
                            : PartitionSpread.over(cluster.view().brokers().keySet(), name, count)
                                    .subList(count - added, count);
                    return cluster.addPartitions(name, given, topic.version());
                })
                .thenCompose(partitions::whenServing);
    }

    /**
     * Changes a topic's settings. Fails with {@code INVALID_CONFIG} or {@code UNKNOWN_TOPIC}.
     *
     * @param change makes the new settings of the topic as it is; called again when that changed meanwhile
     */
    public CompletableFuture<TopicInfo> changeConfig(String name, Function<TopicInfo, Map<String, String>> change) {
        return retried(name, ATTEMPTS, topic -> {
            Map<String, String> next = change.apply(topic);
            var unused = checkedConfig(next);
            return next.equals(topic.config())
                    ? CompletableFuture.completedFuture(topic)
                    : cluster.updateTopicConfig(name, next, topic.version());
        });
    }

    /** A change by compare-and-set, tried again with the topic as it has become. */
    private CompletableFuture<TopicInfo> retried(
            String name, int attempts, Function<TopicInfo, CompletableFuture<TopicInfo>> change) {
        TopicInfo topic = find(name);
        if (topic == null) {
            return CompletableFuture.failedFuture(new BrokerException(Code.UNKNOWN_TOPIC, "There is no topic " + name));
        }
        CompletableFuture<TopicInfo> changed;
        try {
            changed = change.apply(topic);
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
        return changed.exceptionallyCompose(failure -> attempts > 1 && isConflict(Completions.unwrap(failure))
                ? retried(name, attempts - 1, change)
                : CompletableFuture.failedFuture(failure));
    }

    private static boolean isConflict(Throwable failure) {
        return failure instanceof ClusterException clustered
                && clustered.reason() == ClusterException.Reason.VERSION_CONFLICT;
    }

    /**
     * The topic, made with the default number of partitions if it does not exist; completes when its partitions on this
     * broker serve. Asks for no permission: look at {@link TopicSettings#autoCreate()} first where that counts.
     */
    public CompletableFuture<TopicInfo> getOrCreate(String name) {
        return getOrCreate(name, settings.defaultPartitions(), Map.of());
    }

    /** As {@link #getOrCreate(String)}, with a number of partitions and settings of one's own. */
    public CompletableFuture<TopicInfo> getOrCreate(String name, int partitionCount, Map<String, String> config) {
        TopicInfo present = find(name);
        if (present != null) {
            return partitions.whenServing(present);
        }
        return create(name, partitionCount, config).exceptionallyCompose(failure -> {
            TopicInfo raced = find(name);
            return raced != null && isTopicExists(Completions.unwrap(failure))
                    ? partitions.whenServing(raced)
                    : CompletableFuture.failedFuture(failure);
        });
    }

    /**
     * Deletes a topic with everything in it. Fails with {@code UNKNOWN_TOPIC} when there is none, with {@code UNSUPPORTED}
     * when it is needed.
     */
    public CompletableFuture<Void> delete(String name) {
        TopicInfo present = find(name);
        CompletableFuture<Void> allowed =
                present == null ? CompletableFuture.completedFuture(null) : deletionGuard.apply(present);
        return allowed.thenCompose(checked -> cluster.deleteTopic(name)).thenRun(partitions::refresh);
    }

    private static boolean isTopicExists(Throwable failure) {
        return (failure instanceof BrokerException broker && broker.code() == Code.TOPIC_EXISTS)
                || (failure instanceof ClusterException clustered
                        && clustered.reason() == ClusterException.Reason.TOPIC_EXISTS);
    }
}
