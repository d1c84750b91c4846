// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.ListenerBuffers;
import io.millrace.jms.XaDeliveries;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.resource.spi.UnavailableException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One connection to the broker with the delivering sessions of an activation: as many as it starts with, and what {@link
 * Scaling} adds and takes away. Opened, changed and closed on the container's threads, closed once, from then on idle.
 */
final class InboundLink implements DeliverySession.Owner {
    /** How long running deliveries may take to end when the link is closed, milliseconds. */
    static final long DRAIN_MS = 30_000;

    private static final Logger LOG = LoggerFactory.getLogger(InboundLink.class);

    private final XAConnection connection;
    private final Subscription subscription;
    private final Endpoints endpoints;
    private final Container container;
    private final Tally tally;
    private final Consumer<Loss> onLost;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final List<DeliverySession> sessions = new CopyOnWriteArrayList<>();
    private final Scaling scaling;
    private boolean closed;

    /**
     * The broker is gone.
     *
     * @param link which
     * @param cause why
     */
    record Loss(InboundLink link, Exception cause) {}

    /**
     * What the links of an activation share.
     *
     * @param subscription what is consumed
     * @param endpoints the bean's
     * @param container the server's threads and timer
     * @param tally what is counted
     */
    record Activity(Subscription subscription, Endpoints endpoints, Container container, Tally tally) {}

    private InboundLink(XAConnection connection, Activity activity, Consumer<Loss> onLost) {
        this.connection = connection;
        this.subscription = activity.subscription;
        this.endpoints = activity.endpoints;
        this.container = activity.container;
        this.tally = activity.tally;
        this.onLost = onLost;
        this.scaling = new Scaling(this, container, subscription.minSessions(), subscription.maxSessions());
    }

    /**
     * Connects; deliveries begin with {@link #start()}.
     *
     * @throws UnavailableException when the server gives no endpoint yet
     * @throws JMSException when there is no broker or it refuses
     */
    static InboundLink open(Activity activity, Consumer<Loss> onLost) throws UnavailableException, JMSException {
        Subscription subscription = activity.subscription;
        InboundLink link = new InboundLink(
                subscription.settings().factory(subscription.prefetch()).createXAConnection(), activity, onLost);
        boolean opened = false;
        try {
            link.connection.setExceptionListener(e -> onLost.accept(new Loss(link, e)));
            link.add(subscription.minSessions());
            opened = true;
            return link;
        } finally {
            if (!opened) {
                link.close();
            }
        }
    }

    /**
     * Adds sessions, as far as the server's bean pool has endpoints for them.
     *
     * @return how many
     * @throws UnavailableException when there is none at all
     */
    synchronized int add(int more) throws UnavailableException, JMSException {
        int added = 0;
        while (added < more && !closed) {
            try {
                addOne();
                added++;
            } catch (UnavailableException e) {
                if (sessions.isEmpty()) {
                    throw e;
                }
                LOG.info(
                        "The server gives {} endpoints for {}, no more: {}",
                        sessions.size(),
                        subscription,
                        e.getMessage());
                return added;
            }
        }
        return added;
    }

    private void addOne() throws UnavailableException, JMSException {
        Session session = endpoints.transacted()
                ? connection.createXASession()
                : connection.createSession(false, Session.CLIENT_ACKNOWLEDGE);
        boolean listening = false;
        Endpoint endpoint = null;
        try {
            DeliveryResource resource = null;
            Settling settling;
            if (session instanceof XASession transacted) {
                XaDeliveries.inBranches(transacted);
                resource = new DeliveryResource(transacted.getXAResource(), subscription::settings, container);
                settling = Settling.byTransaction();
            } else {
                ListenerBuffers.acknowledgeWithoutWaiting(session);
                settling = Settling.by(session);
            }
            endpoint = Endpoint.open(endpoints, resource);
            DeliverySession delivery = new DeliverySession(
                    session, settling, endpoint, new DeliverySession.Services(container, tally, this));
            delivery.listen(subscription);
            listening = true;
            sessions.add(delivery); // from here on close() ends it
        } finally {
            if (!listening) {
                if (endpoint != null) {
                    endpoint.release();
                }
                session.close();
            }
        }
    }

    /** Closes an idle session; what it has buffered goes back to the broker. */
    synchronized void remove(DeliverySession session) throws JMSException {
        if (!closed && !session.isBusy() && sessions.size() > subscription.minSessions()) {
            session.retire();
            sessions.remove(session);
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

    @Override
    public void onBusy() {
        scaling.onBusy();
    }

    @Override
    public boolean waitsAtBroker() {
        return subscription.waitsAtBroker();
    }

    /** A snapshot. */
    List<DeliverySession> sessions() {
        return sessions;
    }

    boolean isClosing() {
        return closing.getCount() == 0;
    }

    void start() throws JMSException {
        connection.start();
    }

    /** Returns once the running deliveries have ended; messages that wait in the sessions go back to the broker. */
    void pause() throws JMSException {
        connection.stop();
        for (DeliverySession session : sessions) {
            session.giveBack();
        }
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

    /** Completes once the bean has returned from all deliveries of this link, abandoned ones too. Close it before. */
    CompletableFuture<Void> ended() {
        return CompletableFuture.allOf(
                sessions.stream().map(DeliverySession::ended).toArray(CompletableFuture<?>[]::new));
    }

    private static void closeQuietly(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            LOG.debug("Closing a connection to the broker failed: {}", e.getMessage());
        }
    }
}
