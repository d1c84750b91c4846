// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.request.KafkaUuids;
import io.millrace.broker.request.RequestContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** The share sessions of one connection, owned by its network loop. */
final class ConnectionShares {
    private static final int MAX_SESSION_PARTITIONS = 100_000;

    private final RequestContext.Connection connection;
    private final ShareSessions sessions;
    private final SharePartitions shares;
    private final Map<SessionKey, ShareSession> own = new HashMap<>();
    private boolean closed;

    ConnectionShares(RequestContext.Connection connection, ShareSessions sessions, SharePartitions shares) {
        this.connection = connection;
        this.sessions = sessions;
        this.shares = shares;
    }

    /** A session, or why there is none. */
    record Lookup(@Nullable ShareSession session, Errors error) {
        static Lookup failed(Errors error) {
            return new Lookup(null, error);
        }
    }

    /**
     * Opens a session in place of a former one of the member: what that acquired stays the member's until it says so or
     * the time is over, as in Kafka.
     */
    Lookup open(ShareRequest request) {
        if (closed || request.named().size() > MAX_SESSION_PARTITIONS) {
            return Lookup.failed(closed ? Errors.SHARE_SESSION_NOT_FOUND : Errors.INVALID_REQUEST);
        }
        ShareSessions.Opened opened = sessions.open(request.key(), connection);
        ShareSession replaced = opened.replaced();
        if (replaced != null) {
            replaced.connection().execute(replaced::close);
            own.remove(request.key(), replaced);
        }
        ShareSession session = opened.session();
        if (session == null) {
            return Lookup.failed(Errors.SHARE_SESSION_LIMIT_REACHED);
        }
        session.add(request.named());
        own.put(request.key(), session);
        return new Lookup(session, Errors.NONE);
    }

    /** The session that a request with an epoch above 0 continues. */
    Lookup next(ShareRequest request) {
        ShareSession session = sessions.find(request.key(), connection);
        if (session == null) {
            return Lookup.failed(Errors.SHARE_SESSION_NOT_FOUND);
        }
        return session.takeEpoch(request.epoch())
                ? new Lookup(session, Errors.NONE)
                : Lookup.failed(Errors.INVALID_SHARE_SESSION_EPOCH);
    }

    /** Adds and takes away partitions; {@code false} when there would be too many. */
    static boolean update(ShareSession session, ShareRequest request, Collection<ShareTarget> forgotten) {
        session.add(request.named());
        session.forget(forgotten);
        return session.partitions().size() <= MAX_SESSION_PARTITIONS;
    }

    /** The session that a request with epoch -1 closes. */
    Lookup last(ShareRequest request) {
        ShareSession session = sessions.find(request.key(), connection);
        return session == null ? Lookup.failed(Errors.SHARE_SESSION_NOT_FOUND) : new Lookup(session, Errors.NONE);
    }

    /** Ends a session; completes when all that its member held has gone back. */
    CompletableFuture<Void> close(ShareSession session) {
        session.close();
        own.remove(session.key(), session);
        if (!sessions.remove(session)) {
            return CompletableFuture.completedFuture(null); // the member has another
        }
        List<CompletableFuture<Void>> released = new ArrayList<>();
        for (ShareTarget target : session.partitions()) {
            Partition partition = find(target);
            if (partition != null) {
                released.add(shares.release(partition, session.key().groupId(), session.member())
                        .exceptionally(notServed -> null)); // nothing is held where nothing is served
            }
        }
        return CompletableFuture.allOf(released.toArray(CompletableFuture<?>[]::new));
    }

    private @Nullable Partition find(ShareTarget target) {
        try {
            return shares.partition(KafkaUuids.fromKafka(target.topicId()), target.partition());
        } catch (BrokerException notServed) {
            return null;
        }
    }

    /** The connection has ended: so have its sessions. */
    void onClosed() {
        closed = true;
        for (ShareSession session : List.copyOf(own.values())) {
            var unused = close(session);
        }
    }
}
