// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterDocument;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.partition.BrokerException.Code;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of groups (Kafka's config resource GROUP): documents of the cluster, so that all brokers go by them. A
 * group need not exist to have settings. Safe for any thread.
 */
public final class GroupConfigs {
    /** The kind of document that holds a group's settings, a property for each. */
    public static final String DOCUMENTS = "group-configs";

    private static final Logger LOG = LoggerFactory.getLogger(GroupConfigs.class);

    private final Cluster cluster;
    private final BrokerConfig broker;
    private final GroupSettings defaults;
    /** No more than there are documents: one whose document went is dropped when it is looked for. */
    private final Map<String, Parsed> parsed = new ConcurrentHashMap<>();

    private record Parsed(ClusterDocument document, GroupSettings settings) {}

    public GroupConfigs(Cluster cluster, BrokerConfig broker) {
        this.cluster = cluster;
        this.broker = broker;
        this.defaults = GroupSettings.defaults(broker);
    }

    /** What a group goes by; passes over settings that another version wrote and this one does not know. */
    public GroupSettings of(String groupId) {
        ClusterDocument document = cluster.view().documents(DOCUMENTS).get(groupId);
        if (document == null) {
            parsed.remove(groupId);
            return defaults;
        }
        Parsed known = parsed.get(groupId);
        if (known == null || !known.document.equals(document)) {
            known = new Parsed(document, lenient(document));
            parsed.put(groupId, known);
        }
        return known.settings;
    }

    /** Fails with {@code INVALID_CONFIG} for an unknown name or a bad value. */
    public GroupSettings check(Map<String, String> config) {
        try {
            return GroupSettings.of(config, broker);
        } catch (ConfigException refused) {
            throw new BrokerException(Code.INVALID_CONFIG, String.valueOf(refused.getMessage()), refused);
        }
    }

    /**
     * Changes a group's settings, by compare-and-set; fails as {@link #check} does.
     *
     * @param change from what is set to what shall be; may be called several times
     */
    public CompletableFuture<Void> change(String groupId, UnaryOperator<Map<String, String>> change) {
        CompletableFuture<Void> refused = new CompletableFuture<>();
        return cluster.updateDocument(DOCUMENTS, groupId, present -> {
                    @Nullable Map<String, String> next = attempt(present, change, refused);
                    return next == null ? present : next;
                })
                .thenCompose(done -> refused.isDone() ? refused : CompletableFuture.completedFuture(null));
    }

    private @Nullable Map<String, String> attempt(
            Map<String, String> present, UnaryOperator<Map<String, String>> change, CompletableFuture<Void> refused) {
        try {
            return check(change.apply(present)).set();
        } catch (BrokerException bad) {
            refused.completeExceptionally(bad);
            return null;
        }
    }

    private GroupSettings lenient(ClusterDocument document) {
        Map<String, String> good = new HashMap<>();
        document.properties().forEach((name, value) -> {
            good.put(name, value);
            try {
                var unused = GroupSettings.of(good, broker);
            } catch (ConfigException bad) {
                LOG.warn("Group {} goes by its other settings: {}", document.name(), bad.getMessage());
                good.remove(name);
            }
        });
        return GroupSettings.of(good, broker);
    }
}
