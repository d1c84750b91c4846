// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.protocol.Errors;

/** The fetches of one connection and their sessions, owned by its network loop. */
final class ConnectionFetches {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final int MAX_SESSION_PARTITIONS = 100_000;

    private final RequestContext.Connection connection;
    private final FetchReader reader;
    private final OwnerLoop timers;
    private final FetchSessions sessions;
    private final Map<Integer, FetchSession> own = new HashMap<>();
    private final Set<ParkedFetch> inProgress = new HashSet<>();
    private boolean closed;

    ConnectionFetches(
            RequestContext.Connection connection, FetchReader reader, OwnerLoop timers, FetchSessions sessions) {
        this.connection = connection;
        this.reader = reader;
        this.timers = timers;
        this.sessions = sessions;
    }

    /** Completes on the network loop. */
    CompletableFuture<FetchResponseData> fetch(FetchRequestData request, short version) {
        boolean byId = version >= FIRST_VERSION_WITH_TOPIC_IDS;
        int epoch = request.sessionEpoch();
        if (epoch != FetchSession.INITIAL_EPOCH && epoch != FetchSession.FINAL_EPOCH) {
            return incremental(request, byId);
        }
        FetchSession ended = sessions.find(request.sessionId(), connection);
        if (ended != null) {
            close(ended);
        }
        List<FetchTarget> targets = FetchTarget.of(request, byId);
        boolean opens = epoch == FetchSession.INITIAL_EPOCH && !targets.isEmpty();
        return run(request, new FetchScope.Full(targets))
                .thenApply(response -> opens ? response.setSessionId(open(byId, targets)) : response);
    }

    /** The new session's id; 0 when there is no room for one. */
    private int open(boolean byId, List<FetchTarget> targets) {
        if (closed || targets.size() > MAX_SESSION_PARTITIONS) {
            return 0;
        }
        FetchSession opened = sessions.open(connection, byId, targets);
        if (opened == null) {
            return 0;
        }
        own.values().removeIf(session -> sessions.find(session.id(), connection) == null);
        own.put(opened.id(), opened);
        return opened.id();
    }

    private CompletableFuture<FetchResponseData> incremental(FetchRequestData request, boolean byId) {
        FetchSession session = sessions.find(request.sessionId(), connection);
        if (session == null) {
            return refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        if (!session.takeEpoch(request.sessionEpoch(), sessions.nowMs())) {
            return refused(Errors.INVALID_FETCH_SESSION_EPOCH);
        }
        if (session.byId() != byId) {
            return refused(Errors.FETCH_SESSION_TOPIC_ID_ERROR);
        }
        // One at a time: the session's state is the client's after the fetch before.
        CompletableFuture<FetchResponseData> before = session.last();
        CompletableFuture<FetchResponseData> fetch;
        if (before.isDone()) {
            fetch = incremental(session, request);
        } else {
            inProgress.forEach(ParkedFetch::hurry);
            fetch = before.thenCompose(done -> incremental(session, request));
        }
        session.last(fetch);
        return fetch;
    }

    private CompletableFuture<FetchResponseData> incremental(FetchSession session, FetchRequestData request) {
        if (sessions.find(session.id(), connection) != session) {
            return refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        session.update(request);
        if (session.size() == 0 || session.size() > MAX_SESSION_PARTITIONS) {
            boolean empty = session.size() == 0;
            close(session);
            return empty
                    ? CompletableFuture.completedFuture(new FetchResponseData())
                    : refused(Errors.FETCH_SESSION_ID_NOT_FOUND);
        }
        return run(request, session).thenApply(response -> response.setSessionId(session.id()));
    }

    private CompletableFuture<FetchResponseData> run(FetchRequestData request, FetchScope scope) {
        ParkedFetch fetch = new ParkedFetch(reader, timers, connection, request, scope);
        CompletableFuture<FetchResponseData> answer = fetch.start();
        if (!answer.isDone()) {
            inProgress.add(fetch);
            Completions.whenDone(answer, (done, failure) -> inProgress.remove(fetch));
        }
        return answer;
    }

    private static CompletableFuture<FetchResponseData> refused(Errors error) {
        return CompletableFuture.completedFuture(new FetchResponseData().setErrorCode(error.code()));
    }

    private void close(FetchSession session) {
        own.remove(session.id());
        sessions.close(session);
    }

    /** The connection has ended: nothing of it waits any more. */
    void onClosed() {
        closed = true;
        List.copyOf(inProgress).forEach(ParkedFetch::hurry);
        List.copyOf(own.values()).forEach(this::close);
    }
}
