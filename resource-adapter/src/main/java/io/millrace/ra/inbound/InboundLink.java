// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker with the delivering sessions of an activation. Opened and closed on the container's
 * threads, closed once, from then on idle.
 */
final class InboundLink {
    /** How long running deliveries may take to end when the link is closed, milliseconds. */
    static final long DRAIN_MS = 30_000;

    /** Small, so that the sessions and the servers share a backlog evenly. */
    private static final int PREFETCH = 32;

    private static final Logger LOG = LoggerFactory.getLogger(InboundLink.class);

    private final Connection connection;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<DeliverySession> sessions = new ArrayList<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * The broker is gone.
     *
     * @param link which
     * @param cause why
     */
    record Loss(InboundLink link, Exception cause) {}

    private InboundLink(Connection connection) {
        this.connection = connection;
    }

    /**
     * Connects; deliveries begin with {@link #start()}.
     *
     * @throws UnavailableException when the server gives no endpoint yet
     * @throws JMSException when there is no broker or it refuses
     */
    static InboundLink open(Subscription subscription, Endpoints endpoints, Container container, Consumer<Loss> onLost)
            throws UnavailableException, JMSException {
        Deque<MessageEndpoint> created = new ArrayDeque<>(endpoints.create(subscription.sessions()));
        Connection connection = null;
        try {
            connection = subscription.settings().factory(PREFETCH).createConnection();
            InboundLink link = new InboundLink(connection);
            connection.setExceptionListener(e -> onLost.accept(new Loss(link, e)));
            while (!created.isEmpty()) {
                Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
                link.sessions.add(new DeliverySession(
                        session, new Endpoint(endpoints, container, created.remove()), container, link.closing));
                subscription.open(session).setMessageListener(link.sessions.get(link.sessions.size() - 1));
            }
            return link;
        } catch (JMSException e) {
            created.forEach(MessageEndpoint::release);
            if (connection != null) {
                closeQuietly(connection);
            }
            throw e;
        }
    }

    int sessions() {
        return sessions.size();
    }

    void start() throws JMSException {
        connection.start();
    }

    /**
     * Lets running deliveries end, at most {@link #DRAIN_MS}, then closes; what was not acknowledged goes back to the
     * broker.
     */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        closing.countDown();
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DRAIN_MS);
        for (DeliverySession session : sessions) {
            if (!session.awaitIdle(deadlineNanos)) {
                LOG.warn("A delivery still runs after {} ms and will be repeated: {}", DRAIN_MS, session);
            }
        }
        closeQuietly(connection);
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            LOG.debug("Closing a connection to the broker failed: {}", e.getMessage());
        }
    }
}
