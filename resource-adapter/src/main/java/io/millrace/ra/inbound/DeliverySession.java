// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.ListenerBuffers;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JMS session that delivers to one endpoint, a message at a time. Owned by the session's dispatch thread, which hands
 * each message to a thread of the container, waits for the outcome and settles it: acknowledge, or recover after a
 * growing delay. The container's threads are busy only while a bean is.
 */
final class DeliverySession implements MessageListener {
    private static final Logger LOG = LoggerFactory.getLogger(DeliverySession.class);
    private static final Backoff REDELIVERY = new Backoff(100, 10_000);
    private static final Backoff UNAVAILABLE = new Backoff(200, 5_000);
    private static final long LOG_INTERVAL_MS = 5_000;

    private final Session session;
    private final Settling settling;
    private final Endpoint endpoint;
    private final Container container;
    private final Tally tally;
    private final Owner owner;
    private final Semaphore idle = new Semaphore(1);
    private final LogLimit failuresLogged = new LogLimit(LOG_INTERVAL_MS);
    private volatile CompletableFuture<Outcome> running = CompletableFuture.completedFuture(new Outcome.Processed());
    /** Completes when the bean has returned. */
    private volatile CompletableFuture<Void> ended = CompletableFuture.completedFuture(null);

    private volatile Activity activity;
    private @Nullable MessageConsumer consumer;

    /**
     * @param busy whether a delivery runs
     * @param sinceNanos since when it does, or does not
     */
    private record Activity(boolean busy, long sinceNanos) {}

    /**
     * What a session uses.
     *
     * @param container the server's threads and clock
     * @param tally what is counted
     * @param owner the link
     */
    record Services(Container container, Tally tally, Owner owner) {}

    /** What a session must know of its link. */
    interface Owner {
        /** Opens when the link closes. */
        CountDownLatch closing();

        /**
         * A message is neither acknowledged nor recovered. No other may be acknowledged on this session from now on:
         * that would acknowledge this one too.
         */
        void onUnsettled(Exception cause);

        /** A delivery begins. */
        void onBusy();

        /** Whether the broker makes a message that came back wait; else the session pauses. */
        boolean waitsAtBroker();
    }

    DeliverySession(Session session, Settling settling, Endpoint endpoint, Services services) {
        this.session = session;
        this.settling = settling;
        this.endpoint = endpoint;
        this.container = services.container;
        this.tally = services.tally;
        this.owner = services.owner;
        this.activity = new Activity(false, container.nanos());
    }

    /** Begins to take messages, once the connection is started. */
    void listen(Subscription subscription) throws JMSException {
        MessageConsumer opened = subscription.open(session);
        consumer = opened;
        opened.setMessageListener(this);
    }

    /** Ends for good, while idle or once a delivery that began meanwhile is settled. */
    void retire() throws JMSException {
        if (consumer != null) {
            consumer.close();
        }
        endpoint.release();
        session.close();
    }

    boolean isBusy() {
        return activity.busy;
    }

    /** As {@link Concurrency} looks at it. */
    Concurrency.Seen seen() throws JMSException {
        Activity now = activity;
        return new Concurrency.Seen(now.busy, now.sinceNanos, ListenerBuffers.waiting(session));
    }

    void giveBack() throws JMSException {
        ListenerBuffers.giveBack(session);
    }

    /** Completes when the bean has returned from the last delivery, abandoned or not. */
    CompletableFuture<Void> ended() {
        return ended;
    }

    /** A message that comes while the link closes stays unacknowledged and goes back with the session. */
    @Override
    public void onMessage(Message message) {
        if (!idle.tryAcquire()) {
            return;
        }
        activity = new Activity(true, container.nanos());
        owner.onBusy();
        try {
            if (!isClosing()) {
                deliver(message);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            owner.onUnsettled(e);
        } catch (JMSException | RuntimeException e) {
            owner.onUnsettled(e);
        } finally {
            activity = new Activity(false, container.nanos());
            idle.release();
        }
    }

    private boolean isClosing() {
        return owner.closing().getCount() == 0;
    }

    private void deliver(Message message) throws JMSException, InterruptedException {
        Outcome outcome = attempt(message);
        for (int failures = 1; outcome instanceof Outcome.Unavailable; failures++) {
            if (owner.closing().await(UNAVAILABLE.afterMs(failures), TimeUnit.MILLISECONDS)) {
                return;
            }
            outcome = attempt(message);
        }
        if (outcome instanceof Outcome.Failed failed) {
            tally.onRolledBack(failed.reason());
            long delayMs = owner.waitsAtBroker() ? 0 : REDELIVERY.afterMs(deliveryCount(message));
            log(message, failed, delayMs);
            if (!owner.closing().await(delayMs, TimeUnit.MILLISECONDS)) {
                settling.failed();
            }
        } else {
            settling.processed(message);
            tally.onDelivered();
        }
    }

    private void log(Message message, Outcome.Failed failed, long delayMs) throws JMSException {
        if (failuresLogged.permits(System.nanoTime())) {
            LOG.warn(
                    "Delivery {} of {} from {} failed, again in {} ms ({} more failed since the last such line): {}",
                    deliveryCount(message),
                    message.getJMSMessageID(),
                    message.getJMSDestination(),
                    delayMs,
                    failuresLogged.takeSuppressed(),
                    failed.reason());
        }
    }

    /** Waits for the bean, or until {@link #abandon} when the link has closed meanwhile. */
    private Outcome attempt(Message message) throws InterruptedException {
        CompletableFuture<Outcome> result = new CompletableFuture<>();
        running = result;
        CompletableFuture<Void> end = new CompletableFuture<>();
        ended = end;
        container.runLater(() -> call(message, result, end), refused -> {
            LOG.debug("The server takes no work: {}", refused.getMessage());
            end.complete(null);
            result.complete(new Outcome.Unavailable());
        });
        try {
            return result.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("An endpoint's outcome is always a value", e);
        }
    }

    private void call(Message message, CompletableFuture<Outcome> result, CompletableFuture<Void> end) {
        try {
            if (!result.isDone() && !result.complete(endpoint.deliver(message))) {
                endpoint.release();
            }
        } finally {
            end.complete(null);
        }
    }

    private static int deliveryCount(Message message) throws JMSException {
        return message.propertyExists("JMSXDeliveryCount") ? message.getIntProperty("JMSXDeliveryCount") : 1;
    }

    /** Waits for the running delivery, then keeps others from starting and gives the endpoint back. */
    boolean awaitIdle(long deadlineNanos) {
        try {
            boolean ended = idle.tryAcquire(deadlineNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (ended) {
                endpoint.release();
            }
            return ended;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * Leaves the running delivery alone: its message goes back to the broker, whatever the bean still does with it. The
     * endpoint is given back when the bean returns. Only when the link is closing.
     */
    void abandon() {
        running.complete(new Outcome.Unavailable());
    }
}
