// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.BrokerSettings;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client's connections of one resource adapter: one for each broker, user and client id, shared by all managed
 * connections of these, which have sessions of their own on it. Opened for the first, closed with the last. So a pool of a
 * hundred connections is one socket, sessions of one transaction share a branch, and a client id is in use once. Safe for
 * any thread.
 */
public final class PhysicalConnections {
    private static final Logger LOG = LoggerFactory.getLogger(PhysicalConnections.class);

    private final Map<BrokerSettings, Shared> open = new HashMap<>();

    /** Hears when a connection that it uses is lost; from the client's thread. */
    @FunctionalInterface
    interface User {
        void onLost(JMSException cause);
    }

    /** One connection. Its monitor guards who uses it and is held while connecting, so that others wait for the result. */
    final class Shared implements ExceptionListener {
        private final BrokerSettings settings;
        private final Set<User> users = new LinkedHashSet<>();
        private @Nullable XAConnection connection;
        private boolean ended;

        private Shared(BrokerSettings settings) {
            this.settings = settings;
        }

        /** The connection, which is started. */
        synchronized XAConnection connection() {
            XAConnection now = connection;
            if (now == null) {
                throw new IllegalStateException("Not connected");
            }
            return now;
        }

        /** Whether it could be joined; one that has ended is not in the map any more. */
        private synchronized boolean join(User user) throws JMSException {
            if (ended) {
                return false;
            }
            if (connection == null) {
                connect();
            }
            users.add(user);
            return true;
        }

        private void connect() throws JMSException {
            XAConnection made = null;
            boolean started = false;
            try {
                made = settings.factory(0).createXAConnection();
                made.setExceptionListener(this);
                made.start();
                connection = made;
                started = true;
            } finally {
                if (!started) {
                    end();
                    closeQuietly(made);
                }
            }
        }

        private synchronized void end() {
            ended = true;
            forget(this);
        }

        /** The user does not need it any more; the last one closes it. */
        void release(User user) {
            XAConnection unused = null;
            synchronized (this) {
                if (users.remove(user) && users.isEmpty()) {
                    end();
                    unused = connection;
                }
            }
            closeQuietly(unused);
        }

        @Override
        public void onException(JMSException e) {
            List<User> told;
            synchronized (this) {
                end();
                told = new ArrayList<>(users);
            }
            told.forEach(user -> user.onLost(e));
        }

        private synchronized void endAndClose() {
            end();
            closeQuietly(connection);
        }
    }

    /**
     * Joins the connection for these settings, made when there is none; blocks meanwhile.
     *
     * @throws JMSException when the broker is not reached or refuses
     */
    Shared acquire(BrokerSettings settings, User user) throws JMSException {
        while (true) {
            Shared shared;
            synchronized (open) {
                shared = open.computeIfAbsent(settings, Shared::new);
            }
            if (shared.join(user)) {
                return shared;
            }
        }
    }

    private void forget(Shared shared) {
        synchronized (open) {
            open.remove(shared.settings, shared);
        }
    }

    /** How many there are. */
    int count() {
        synchronized (open) {
            return open.size();
        }
    }

    /** The adapter stops: closes what its pools have left. */
    public void close() {
        List<Shared> left;
        synchronized (open) {
            left = new ArrayList<>(open.values());
        }
        left.forEach(Shared::endAndClose);
    }

    private static void closeQuietly(@Nullable XAConnection connection) {
        if (connection == null) {
            return;
        }
        try {
            connection.close();
        } catch (JMSException e) {
            LOG.debug("Closing a connection to the broker failed: {}", e.getMessage());
        }
    }
}
