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
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker with the delivering sessions of an activation. Opened and closed on the container's
 * threads, closed once, from then on idle.
 */
final class InboundLink implements DeliverySession.Owner {
    /** How long running deliveries may take to end when the link is closed, milliseconds. */
    static final long DRAIN_MS = 30_000;

    /** Small, so that the sessions and the servers share a backlog evenly. */
    private static final int PREFETCH = 32;

    private static final Logger LOG = LoggerFactory.getLogger(InboundLink.class);

    private final Connection connection;
    private final Subscription subscription;
    private final Consumer<Loss> onLost;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<DeliverySession> sessions = new ArrayList<>();
    private boolean closed;

    /**
     * The broker is gone.
     *
     * @param link which
     * @param cause why
     */
    record Loss(InboundLink link, Exception cause) {}

    private InboundLink(Connection connection, Subscription subscription, Consumer<Loss> onLost) {
        this.connection = connection;
        this.subscription = subscription;
        this.onLost = onLost;
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
        InboundLink link = null;
        boolean opened = false;
        try {
            link = new InboundLink(subscription.settings().factory(PREFETCH).createConnection(), subscription, onLost);
            link.listen(created, endpoints, container);
            opened = true;
            return link;
        } finally {
            if (!opened) {
                created.forEach(MessageEndpoint::release);
                if (link != null) {
                    link.close();
                }
            }
        }
    }

    private void listen(Deque<MessageEndpoint> created, Endpoints endpoints, Container container) throws JMSException {
        connection.setExceptionListener(e -> onLost.accept(new Loss(this, e)));
        while (!created.isEmpty()) {
            Session session = connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
            Endpoint endpoint = new Endpoint(endpoints, container, created.remove());
            DeliverySession delivery = new DeliverySession(session, endpoint, container, this);
            sessions.add(delivery);
            subscription.open(session).setMessageListener(delivery);
        }
    }

    @Override
    public CountDownLatch closing() {
        return closing;
    }

    @Override
    public void onUnsettled(Exception cause) {
        closing.countDown();
        onLost.accept(new Loss(this, cause));
    }

    int sessions() {
        return sessions.size();
    }

    void start() throws JMSException {
        connection.start();
    }

    /**
     * Lets running deliveries end, at most {@link #DRAIN_MS}, then closes; what was not acknowledged goes back to the
     * broker. A second caller waits for the first.
     */
    void close() {
        close(DRAIN_MS);
    }

    synchronized void close(long drainMs) {
        if (closed) {
            return;
        }
        closed = true;
        closing.countDown();
        long deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(drainMs);
        for (DeliverySession session : sessions) {
            if (!session.awaitIdle(deadlineNanos)) {
                LOG.warn("A delivery from {} still runs after {} ms; it will be repeated", subscription, drainMs);
                session.abandon();
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
