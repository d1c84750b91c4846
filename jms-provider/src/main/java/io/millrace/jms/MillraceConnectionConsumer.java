// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands messages of a destination to the sessions of an application server's pool (Jakarta Messaging 3.1, chapter 11).
 * One thread of its own waits for messages and for a free server session, loads it and starts it; the messages stay
 * leased to the connection's hidden session, through which they are settled in the server session's mode. Safe for any
 * thread.
 */
final class MillraceConnectionConsumer implements ConnectionConsumer {
    private static final Logger log = LoggerFactory.getLogger(MillraceConnectionConsumer.class);
    private static final long POOL_RETRY_MS = 1_000;
    private static final long LEAST_BACK_OFF_MS = 10;
    private static final long MOST_BACK_OFF_MS = 1_000;
    private static final int MOST_DOUBLINGS = 7;

    private final MillraceConnection connection;
    private final MillraceSession hidden;
    private final MillraceConsumer consumer;
    private final ServerSessionPool pool;
    private final int maxMessages;
    /** Handed over and not yet known as received by the broker. */
    private final Set<Delivery> unreceived = ConcurrentHashMap.newKeySet();

    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long resumeAtNanos = System.nanoTime();

    private MillraceConnectionConsumer(
            MillraceConnection connection,
            MillraceSession hidden,
            MillraceConsumer consumer,
            ServerSessionPool pool,
            int maxMessages) {
        this.connection = connection;
        this.hidden = hidden;
        this.consumer = consumer;
        this.pool = pool;
        this.maxMessages = maxMessages;
    }

    /** What a connection consumer reads through. */
    interface Source {
        MessageConsumer open(Session hidden) throws JMSException;
    }

    /** @param hidden the connection's session that holds the leases */
    static MillraceConnectionConsumer open(
            MillraceConnection connection,
            MillraceSession hidden,
            Source source,
            @Nullable ServerSessionPool pool,
            int maxMessages)
            throws JMSException {
        if (pool == null) {
            throw new JMSException("A ConnectionConsumer needs a ServerSessionPool; it is null.");
        }
        if (maxMessages < 1) {
            throw new JMSException(
                    "A ConnectionConsumer loads at least 1 message into a server session, not " + maxMessages + ".");
        }
        MillraceConnectionConsumer made = new MillraceConnectionConsumer(
                connection, hidden, (MillraceConsumer) source.open(hidden), pool, maxMessages);
        Thread thread = new Thread(
                made::handOut, "millrace-connection-consumer-" + made.receiver().id());
        thread.setDaemon(true);
        thread.start();
        return made;
    }

    private Receiver receiver() {
        return consumer.receiver();
    }

    private void handOut() {
        try {
            List<Delivery> next = hidden.core().receiving().handOver(receiver(), maxMessages);
            while (!next.isEmpty()) {
                if (pause(TimeUnit.NANOSECONDS.toMillis(resumeAtNanos - System.nanoTime())) || !load(next)) {
                    next.forEach(this::release);
                }
                next = hidden.core().receiving().handOver(receiver(), maxMessages);
            }
        } catch (JMSException e) {
            log.debug("A connection consumer of {} ends: {}", receiver().destination(), e.getMessage());
            connection.onReceiverFailed(e);
        }
    }

    /** Waits; answers whether this was closed meanwhile. */
    private boolean pause(long ms) {
        try {
            return closed.await(Math.max(0, ms), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }

    /** Loads the pool's next session; answers whether that took the messages. */
    private boolean load(List<Delivery> messages) {
        boolean loaded = false;
        try {
            ServerSession server = pool.getServerSession();
            Session session = server.getSession();
            if (!(session instanceof MillraceSession own) || !own.isOf(connection)) {
                throw new JMSException(
                        "The pool gave a session that is not one of this connection's: " + session + ".",
                        "MILLRACE_FOREIGN_SESSION");
            }
            loaded = load(own, messages);
            server.start(); // also with nothing to do, so that the pool has it back
        } catch (JMSException | RuntimeException e) {
            log.warn(
                    "The server session pool of {} gave no session to use",
                    receiver().destination(),
                    e);
            connection.onReceiverFailed(JmsErrors.of(e, "Handing messages to a server session"));
            backOff(POOL_RETRY_MS);
        }
        return loaded;
    }

    private synchronized boolean load(MillraceSession session, List<Delivery> messages) throws JMSException {
        if (isClosed()) {
            return false;
        }
        session.work().load(messages, this);
        unreceived.addAll(messages);
        return true;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    // ---- for the sessions that were loaded

    /** Whoever gets true tells the broker of the receipt, by a receipt or by more. */
    boolean claimReceipt(Delivery delivery) {
        return unreceived.remove(delivery);
    }

    /** Gives a message back that was not delivered to the listener. */
    void release(Delivery delivery) {
        unreceived.remove(delivery);
        delivery.settle(AckType.RELEASE);
    }

    /**
     * Gives a message back that the listener had: the first time at once, so that the order is kept; then after some
     * time, lest one that always fails spins, while others go on. One of a message group holds up all: the group's
     * order is what it is for.
     */
    void returned(Delivery delivery) {
        if (unreceived.remove(delivery)) {
            delivery.settle(AckType.RECEIPT);
        }
        int failures = Math.max(0, delivery.earlierDeliveries());
        long pauseMs = Math.min(MOST_BACK_OFF_MS, LEAST_BACK_OFF_MS << Math.min(MOST_DOUBLINGS, failures));
        if (failures > 0 && delivery.record().groupId() == null) {
            delivery.link().link().schedule(() -> delivery.settle(AckType.RELEASE), pauseMs);
            return;
        }
        delivery.settle(AckType.RELEASE);
        if (failures > 0) {
            backOff(pauseMs);
        }
    }

    private void backOff(long ms) {
        resumeAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
    }

    // ---- the API

    @Override
    public ServerSessionPool getServerSessionPool() throws JMSException {
        if (isClosed()) {
            throw new IllegalStateException("The connection consumer is closed.");
        }
        connection.checkUsable();
        return pool;
    }

    /** Hands out no more; what server sessions have been loaded with stays theirs. Idempotent. */
    @Override
    public void close() throws JMSException {
        synchronized (this) {
            closed.countDown();
            for (Delivery delivery : List.copyOf(unreceived)) {
                if (unreceived.remove(delivery)) {
                    delivery.settle(AckType.RECEIPT);
                }
            }
        }
        consumer.close();
    }
}
