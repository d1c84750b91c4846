// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.protocol.message.AskDeletion;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Refuses to delete a topic that a transaction needs, on this broker or another: one that a prepared branch names, or in
 * which a bundle over several brokers is decided. Brokers that are away are not asked: what they have of the topic goes with
 * it. Safe for any thread.
 */
public final class DeletionGuard {
    private final int brokerId;
    private final Cluster cluster;
    private final Links links;
    private final Peers peers;

    /** @param brokerId this broker's */
    public DeletionGuard(int brokerId, Cluster cluster, Links links, Peers peers) {
        this.brokerId = brokerId;
        this.cluster = cluster;
        this.links = links;
        this.peers = peers;
    }

    /** Completes when it may be deleted; fails with {@code UNSUPPORTED}, or {@code UNAVAILABLE} when that is not known. */
    public CompletableFuture<Void> check(TopicInfo topic) {
        String refusal = links.refusalToDelete(topic.id());
        if (refusal != null) {
            return CompletableFuture.failedFuture(refused(topic, refusal));
        }
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        for (int broker : cluster.view().brokers().keySet()) {
            if (broker != brokerId) {
                answers.add(ask(broker, topic));
            }
        }
        return Calls.all(answers);
    }

    private CompletableFuture<Void> ask(int broker, TopicInfo topic) {
        return peers.ask(broker, new AskDeletion(topic.id())).handle((answer, failure) -> {
            if (failure != null) {
                throw new BrokerException(
                        Code.UNAVAILABLE,
                        "Whether a transaction needs topic " + topic.name() + " is not known to all brokers: "
                                + Completions.unwrap(failure).getMessage());
            } else if (!answer.status().isOk()) {
                throw refused(topic, String.valueOf(answer.status().message()));
            }
            return null;
        });
    }

    private static BrokerException refused(TopicInfo topic, String why) {
        return new BrokerException(Code.UNSUPPORTED, "Topic " + topic.name() + " cannot be deleted now. " + why);
    }
}
