// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.config.TopicConfigKey;
import io.millrace.broker.config.TopicConfigKeys;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.record.TopicNames;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Creates and deletes topics, by the rules for names, counts and settings. Safe for any thread; never blocks. */
public final class Topics {
    private final Cluster cluster;
    private final Partitions partitions;
    private final TopicSettings settings;

    public Topics(Cluster cluster, Partitions partitions, TopicSettings settings) {
        this.cluster = cluster;
        this.partitions = partitions;
        this.settings = settings;
    }

    public TopicSettings settings() {
        return settings;
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
        if (partitionCount < 1 || partitionCount > settings.maxPartitions()) {
            throw new BrokerException(
                    Code.INVALID_PARTITIONS,
                    "Topic " + name + " cannot have " + partitionCount + " partitions; 1 to " + settings.maxPartitions()
                            + " are allowed");
        }
        var unused = TopicConfigs.check(config, partitions.settings().broker());
        if (find(name) != null) {
            throw new BrokerException(Code.TOPIC_EXISTS, "Topic " + name + " already exists");
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

    /** The value that holds for a topic that does not set it, or {@code null} for an unknown name. */
    public @Nullable String defaultConfig(String name) {
        TopicConfigKey<?> key = TopicConfigKeys.find(name);
        return key == null
                ? null
                : TopicConfig.defaults(partitions.settings().broker())
                        .values(key)
                        .get(0)
                        .value();
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

    /** Deletes a topic with everything in it. Fails with {@code UNKNOWN_TOPIC} when there is none. */
    public CompletableFuture<Void> delete(String name) {
        return cluster.deleteTopic(name).thenRun(partitions::refresh);
    }

    private static boolean isTopicExists(Throwable failure) {
        return (failure instanceof BrokerException broker && broker.code() == Code.TOPIC_EXISTS)
                || (failure instanceof ClusterException clustered
                        && clustered.reason() == ClusterException.Reason.TOPIC_EXISTS);
    }
}
