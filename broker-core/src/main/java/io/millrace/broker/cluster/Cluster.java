// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cluster;

import io.millrace.broker.record.PartitionId;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;

/**
 * Membership and metadata. All methods may be called from any thread and do not block; futures and listeners complete
 * on a thread of the cluster client, so callers hand over to their own loop. Failures are {@link ClusterException}s.
 */
public interface Cluster extends AutoCloseable {

    /** The cluster's id, made once by its first broker. Known after {@link #register}. */
    String clusterId();

    /** Registers this broker and joins the election of the controller; completes when both are done. */
    CompletableFuture<Void> register(BrokerInfo self);

    /** The latest picture. A change made through this object is in it before that change's future completes. */
    ClusterView view();

    /** Told of each new picture, in order; also called once with the present one. */
    void addListener(Listener listener);

    /**
     * Creates a topic, spreading its partitions over the live brokers.
     *
     * <p>Fails with {@code TOPIC_EXISTS} when the name is taken; the topic that has it is in the view then.
     */
    default CompletableFuture<TopicInfo> createTopic(String name, int partitions, Map<String, String> config) {
        try {
            return createTopic(name, PartitionSpread.over(view().brokers().keySet(), name, partitions), config);
        } catch (ClusterException noBroker) {
            return CompletableFuture.failedFuture(noBroker);
        }
    }

    /**
     * As {@link #createTopic(String, int, Map)}, with the owner of each partition given.
     *
     * @param owners broker ids, one for each partition
     */
    CompletableFuture<TopicInfo> createTopic(String name, List<Integer> owners, Map<String, String> config);

    /**
     * Adds partitions to a topic, after those it has.
     *
     * @param owners broker ids, one for each new partition
     * @param expectedVersion the version that was read; fails with {@code VERSION_CONFLICT} when it changed since
     */
    CompletableFuture<TopicInfo> addPartitions(String name, List<Integer> owners, int expectedVersion);

    /** Deletes a topic. Fails with {@code UNKNOWN_TOPIC} when there is none. */
    CompletableFuture<Void> deleteTopic(String name);

    /**
     * Sets or removes (value {@code null} is not allowed: leave the key out) a topic's settings as a whole.
     *
     * @param expectedVersion the version that was read; fails with {@code VERSION_CONFLICT} when it changed since
     */
    CompletableFuture<TopicInfo> updateTopicConfig(String name, Map<String, String> config, int expectedVersion);

    /**
     * Takes up leadership of a partition this broker owns: raises its leader epoch by compare-and-set and answers with
     * the new epoch. Fails with {@code NOT_OWNER} when another broker owns it by now.
     */
    CompletableFuture<Integer> claim(PartitionId partition);

    /** A block of producer ids that no other broker gets: the first id; {@code size} ids belong to the caller. */
    CompletableFuture<Long> allocateProducerIds(int size);

    /**
     * Changes a document, made when there is none. The change is compare-and-set, so {@code change} may be called
     * several times, on a thread of the cluster client: it must have no effect but its result, and must not throw.
     *
     * @param change from the present properties (empty: there is no document) to the new ones (empty: remove it)
     */
    CompletableFuture<Void> updateDocument(String kind, String name, UnaryOperator<Map<String, String>> change);

    /**
     * Takes a JMS client id, which one client of the whole cluster has at a time. The same client may take it again, also
     * through another broker, as it does when its connection or that broker broke; so may anybody once the broker through
     * which it was taken is known to be gone. Fails with {@code CLIENT_ID_IN_USE} when another client has it, with {@code
     * UNAVAILABLE} before {@link #register}. Calls take effect in their order.
     *
     * @param client names the client's connection, over all brokers it talks to
     * @param onLost called once, on a thread of the cluster client, when this broker's session had ended and the id had
     *     gone to another client before the broker was back
     */
    CompletableFuture<Void> claimClientId(String clientId, UUID client, Runnable onLost);

    /** Gives a client id back; does nothing where that client has not taken it through this broker. */
    CompletableFuture<Void> releaseClientId(String clientId, UUID client);

    /** Deregisters and ends the session. Idempotent; blocks. */
    @Override
    void close();

    /** Called on a cluster thread, one call at a time. */
    interface Listener {
        void onChange(ClusterView view);

        /** The session ended: stop serving; nothing of this broker is registered any more. */
        default void onSessionLost() {}
    }

    /** A cluster operation failed; the message says what, where and what to do. */
    final class ClusterException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        public enum Reason {
            TOPIC_EXISTS,
            UNKNOWN_TOPIC,
            VERSION_CONFLICT,
            NOT_OWNER,
            BROKER_ID_IN_USE,
            CLIENT_ID_IN_USE,
            UNAVAILABLE
        }

        private final Reason reason;

        public ClusterException(Reason reason, String message) {
            super(message);
            this.reason = reason;
        }

        public ClusterException(Reason reason, String message, Throwable cause) {
            super(message, cause);
            this.reason = reason;
        }

        public Reason reason() {
            return reason;
        }
    }
}
