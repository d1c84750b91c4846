// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.request.RequestContext;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The connections that have or had share sessions. Safe for any thread. */
final class ShareConnections {
    private final ShareSessions sessions;
    private final SharePartitions shares;
    private final Map<Long, ConnectionShares> connections = new ConcurrentHashMap<>();

    ShareConnections(ShareSessions sessions, SharePartitions shares) {
        this.sessions = sessions;
        this.shares = shares;
    }

    /** Called on the connection's network loop. */
    ConnectionShares of(RequestContext.Connection connection) {
        ConnectionShares present = connections.get(connection.id());
        if (present != null) {
            return present;
        }
        ConnectionShares fresh = new ConnectionShares(connection, sessions, shares);
        connections.put(connection.id(), fresh);
        connection.onClose(() -> {
            connections.remove(connection.id());
            connection.execute(fresh::onClosed);
        });
        return fresh;
    }
}
