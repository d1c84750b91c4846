// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.time.BrokerClock;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * The broker's fetch sessions: a bounded number, each of one connection and gone with it. When all slots are taken, a
 * session unused for two minutes makes room, else one that is older than that and smaller than the new one, as in Kafka.
 * Safe for any thread.
 */
final class FetchSessions {
    private static final long EVICTION_MS = 120_000;

    private final int slots;
    private final BrokerClock clock;
    private final Map<Integer, FetchSession> sessions = new HashMap<>();

    /** @param slots the most sessions; with 0 there are none */
    FetchSessions(int slots, BrokerClock clock) {
        this.slots = slots;
        this.clock = clock;
    }

    /** A new session, or {@code null} when there is no room for it. Called on the connection's network loop. */
    @Nullable
    FetchSession open(RequestContext.Connection connection, boolean byId, List<FetchTarget> targets) {
        long now = clock.wallMs();
        FetchSession evicted = null;
        FetchSession opened = null;
        synchronized (this) {
            if (sessions.size() >= slots) {
                evicted = evictable(targets.size(), now);
                if (evicted != null) {
                    sessions.remove(evicted.id());
                }
            }
            if (sessions.size() < slots) {
                opened = new FetchSession(newId(), byId, connection, targets, now);
                sessions.put(opened.id(), opened);
            }
        }
        if (evicted != null) {
            evicted.connection().execute(evicted::release);
        }
        return opened;
    }

    /** The session of that connection, or {@code null}. */
    synchronized @Nullable FetchSession find(int id, RequestContext.Connection connection) {
        FetchSession found = sessions.get(id);
        return found != null && found.connection().id() == connection.id() ? found : null;
    }

    /** The time sessions go by, milliseconds. */
    long nowMs() {
        return clock.wallMs();
    }

    /** Takes it out and ends it. Called on its connection's network loop. */
    void close(FetchSession session) {
        synchronized (this) {
            sessions.remove(session.id(), session);
        }
        session.release();
    }

    synchronized int count() {
        return sessions.size();
    }

    private @Nullable FetchSession evictable(int size, long now) {
        FetchSession oldest = sessions.values().stream()
                .min(Comparator.comparingLong(FetchSession::lastUsedMs))
                .orElse(null);
        if (oldest == null || now - oldest.lastUsedMs() > EVICTION_MS) {
            return oldest;
        }
        return sessions.values().stream()
                .filter(session -> now - session.createdMs() > EVICTION_MS && session.size() < size)
                .min(Comparator.comparingInt(FetchSession::size))
                .orElse(null);
    }

    /** Random, so that nobody guesses it. */
    private int newId() {
        int id;
        do {
            id = ThreadLocalRandom.current().nextInt(1, Integer.MAX_VALUE);
        } while (sessions.containsKey(id));
        return id;
    }
}
