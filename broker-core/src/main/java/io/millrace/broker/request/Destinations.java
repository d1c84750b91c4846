// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.delivery.DeliveryException;
import io.millrace.broker.delivery.JmsKind;
import io.millrace.broker.delivery.Links;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Topics;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.record.TemporaryName;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import io.millrace.protocol.record.TopicNames;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Opens JMS destinations: a log that has, from its first JMS use on, one kind. Safe for any thread. */
final class Destinations {
    private static final int ATTEMPTS = 10;

    private final Cluster cluster;
    private final Topics topics;
    private final Links links;
    private final NewDestinations made;

    /** @param made what a destination is made with at its first use */
    Destinations(Cluster cluster, Topics topics, Links links, NewDestinations made) {
        this.cluster = cluster;
        this.topics = topics;
        this.links = links;
        this.made = made;
    }

    /** Completes with where each partition is served. */
    CompletableFuture<List<PartitionLeader>> open(OpenDestination request) {
        if (ReservedNames.isTemporary(request.name())) {
            return openTemporary(request);
        }
        String problem = TopicNames.problem(request.name());
        if (problem == null && ReservedNames.isInternalTopic(request.name())) {
            problem = "Topic " + request.name() + " is the broker's own";
        }
        if (problem != null) {
            return CompletableFuture.failedFuture(
                    new DeliveryException(ErrorCode.INVALID_DESTINATION, problem + "; it cannot be a JMS destination"));
        }
        return find(request)
                .thenCompose(topic -> fixKind(topic, request.kind(), ATTEMPTS))
                .thenCompose(topic -> openGroup(topic, request.kind()))
                .thenApply(this::leaders);
    }

    /** It is made by CreateTemporary alone; that of another broker is looked up there, by who sends to it. */
    private CompletableFuture<List<PartitionLeader>> openTemporary(OpenDestination request) {
        TopicInfo here = topics.temporary(request.name());
        if (here != null) {
            JmsKind.check(here, request.kind());
            return CompletableFuture.completedFuture(leaders(here));
        }
        TemporaryName name = TemporaryName.parse(request.name());
        BrokerInfo other = name == null ? null : cluster.view().brokers().get(name.brokerId());
        if (name == null
                || other == null
                || topics.holds(name)
                || !TemporaryName.incarnation(other.incarnation()).equals(name.incarnation())) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "There is no temporary destination " + request.name()
                            + " any more; it ended with the connection that made it"));
        }
        return CompletableFuture.completedFuture(
                List.of(new PartitionLeader(0, other.id(), other.host(), other.port())));
    }

    private CompletableFuture<TopicInfo> find(OpenDestination request) {
        if (topics.find(request.name()) == null && !topics.settings().autoCreate()) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "There is no destination " + request.name()
                            + " and auto.create.topics.enable is false; create it first"));
        }
        return topics.getOrCreate(request.name(), made.partitions(), made.config(request.kind()));
    }

    private CompletableFuture<TopicInfo> fixKind(TopicInfo topic, DestinationKind kind, int attempts) {
        TopicInfo latest = topics.find(topic.name());
        TopicInfo present = latest == null ? topic : latest;
        JmsKind.check(present, kind);
        if (JmsKind.of(present) == kind) {
            return CompletableFuture.completedFuture(present);
        }
        if (present.config().getOrDefault("cleanup.policy", "delete").contains("compact")) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "Topic " + present.name() + " is compacted and cannot be a JMS destination; use another one");
        }
        Map<String, String> config = new HashMap<>(present.config());
        config.put(JmsKind.CONFIG, JmsKind.value(kind));
        return cluster.updateTopicConfig(present.name(), config, present.version())
                .exceptionallyCompose(failure -> attempts > 1 && isConflict(Completions.unwrap(failure))
                        ? fixKind(present, kind, attempts - 1)
                        : CompletableFuture.failedFuture(failure));
    }

    private static boolean isConflict(Throwable failure) {
        return failure instanceof ClusterException clustered
                && clustered.reason() == ClusterException.Reason.VERSION_CONFLICT;
    }

    private CompletableFuture<TopicInfo> openGroup(TopicInfo topic, DestinationKind kind) {
        return switch (kind) {
            case QUEUE -> links.openQueue(topic).thenApply(done -> topic);
            case TOPIC -> CompletableFuture.completedFuture(topic);
        };
    }

    private List<PartitionLeader> leaders(TopicInfo topic) {
        ClusterView view = cluster.view();
        List<PartitionLeader> leaders = new ArrayList<>();
        for (int i = 0; i < topic.partitions().size(); i++) {
            BrokerInfo leader = view.brokers().get(topic.partitions().get(i).owner());
            leaders.add(
                    leader == null
                            ? new PartitionLeader(i, -1, "", -1)
                            : new PartitionLeader(i, leader.id(), leader.host(), leader.port()));
        }
        return leaders;
    }
}
