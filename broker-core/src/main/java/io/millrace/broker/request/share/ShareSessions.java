// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.request.RequestContext;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The broker's share sessions: a bounded number, one for each member, each of one connection and gone with it. Safe for
 * any thread.
 */
final class ShareSessions {
    private final int slots;
    private final Map<SessionKey, ShareSession> sessions = new HashMap<>();

    /** @param slots the most sessions */
    ShareSessions(int slots) {
        this.slots = slots;
    }

    /** What opening a session led to. */
    record Opened(@Nullable ShareSession session, @Nullable ShareSession replaced) {}

    /** Opens a session in place of the member's former one; none when there is no room for it. */
    synchronized Opened open(SessionKey key, RequestContext.Connection connection) {
        ShareSession replaced = sessions.remove(key);
        if (sessions.size() >= slots) {
            return new Opened(null, replaced);
        }
        ShareSession opened = new ShareSession(key, connection);
        sessions.put(key, opened);
        return new Opened(opened, replaced);
    }

    /** The member's session on that connection, or {@code null}. */
    synchronized @Nullable ShareSession find(SessionKey key, RequestContext.Connection connection) {
        ShareSession found = sessions.get(key);
        return found != null && found.connection().id() == connection.id() ? found : null;
    }

    /** Takes a session out; {@code false} when another has its place. */
    synchronized boolean remove(ShareSession session) {
        return sessions.remove(session.key(), session);
    }

    synchronized int count() {
        return sessions.size();
    }
}
