// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.XaDeliveries;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.resource.spi.UnavailableException;
import java.util.ArrayList;
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

    private final XAConnection connection;
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

    private InboundLink(XAConnection connection, Subscription subscription, Consumer<Loss> onLost) {
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
        InboundLink link =
                new InboundLink(subscription.settings().factory(PREFETCH).createXAConnection(), subscription, onLost);
        boolean opened = false;
        try {
            link.listen(endpoints, container);
            opened = true;
            return link;
        } finally {
            if (!opened) {
                link.close();
            }
        }
    }

    /** With as many sessions as the server's bean pool has endpoints for, at most those wanted. */
    private void listen(Endpoints endpoints, Container container) throws UnavailableException, JMSException {
        connection.setExceptionListener(e -> onLost.accept(new Loss(this, e)));
        while (sessions.size() < subscription.sessions()) {
            Session session = endpoints.transacted()
                    ? connection.createXASession()
                    : connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
            DeliveryResource resource = null;
            Settling settling = Settling.by(session);
            if (session instanceof XASession transacted) {
                XaDeliveries.inBranches(transacted);
                resource = new DeliveryResource(transacted.getXAResource());
                settling = Settling.byTransaction();
            }
            Endpoint endpoint;
            try {
                endpoint = Endpoint.open(endpoints, resource);
            } catch (UnavailableException e) {
                session.close();
                if (sessions.isEmpty()) {
                    throw e;
                }
                LOG.info(
                        "The server gives {} of {} endpoints: {}",
                        sessions.size(),
                        subscription.sessions(),
                        e.getMessage());
                return;
            }
            DeliverySession delivery = new DeliverySession(settling, endpoint, container, this);
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
