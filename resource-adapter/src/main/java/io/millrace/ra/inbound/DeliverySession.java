// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.ListenerBuffers;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JMS session that delivers to one endpoint, a message at a time. Owned by the session's dispatch thread, which hands a
 * message to a thread of the container and waits. That thread goes on with what waits behind it while the bean processes it
 * all, for {@link #RUN_NANOS} at most, so that few messages cost a change of threads; what failed the dispatch thread gives
 * back, after a growing delay. The container's threads are busy only while a bean is.
 */
final class DeliverySession implements MessageListener {
    private static final Logger LOG = LoggerFactory.getLogger(DeliverySession.class);
    private static final Backoff REDELIVERY = new Backoff(100, 10_000);
    private static final Backoff UNAVAILABLE = new Backoff(200, 5_000);
    private static final long LOG_INTERVAL_MS = 5_000;
    /** After so long a thread of the container is given back: other sessions and applications want it too. */
    private static final long RUN_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final Session session;
    private final Settling settling;
    private final Endpoint endpoint;
    private final Container container;
    private final Tally tally;
    private final Owner owner;
    private final LogLimit failuresLogged = new LogLimit(LOG_INTERVAL_MS);
    /** Guards {@link #activity}; held while a message is settled and the next one taken, and while the session is {@link #abandon}ed. */
    private final Object turn = new Object();

    private volatile CompletableFuture<Last> running = new CompletableFuture<>();
    /** Completes when the bean has returned. */
    private volatile CompletableFuture<Void> ended = CompletableFuture.completedFuture(null);

    private Activity activity;
    private @Nullable MessageConsumer consumer;

    /** How a run of deliveries ended: what was before this message is processed and settled, and so is it if it was processed. */
    private record Last(Message message, Outcome outcome) {}

    /**
     * <pre>
     *   Idle --a message--> Busy --settled, none waits--> Idle --{@link #awaitIdle}--> Over
     * </pre>
     */
    private sealed interface Activity {
        /** No delivery runs. */
        record Idle(long sinceNanos) implements Activity {}

        /** The bean has had its present message since. */
        record Busy(long sinceNanos) implements Activity {}

        /** None starts any more. */
        record Over() implements Activity {}
    }

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
        this.activity = new Activity.Idle(container.nanos());
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
        return activity() instanceof Activity.Busy;
    }

    private Activity activity() {
        synchronized (turn) {
            return activity;
        }
    }

    /** As {@link Concurrency} looks at it. */
    Concurrency.Seen seen() throws JMSException {
        Activity now = activity();
        int waiting = ListenerBuffers.waiting(session);
        if (now instanceof Activity.Busy busy) {
            return new Concurrency.Seen(true, busy.sinceNanos, waiting);
        }
        return new Concurrency.Seen(
                false, now instanceof Activity.Idle idle ? idle.sinceNanos : container.nanos(), waiting);
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
        if (!begin()) {
            return;
        }
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
            synchronized (turn) {
                activity = new Activity.Idle(container.nanos());
                turn.notifyAll();
            }
        }
    }

    private boolean begin() {
        synchronized (turn) {
            if (activity instanceof Activity.Over) {
                return false;
            }
            activity = new Activity.Busy(container.nanos());
            return true;
        }
    }

    private boolean isClosing() {
        return owner.closing().getCount() == 0;
    }

    private void deliver(Message first) throws JMSException, InterruptedException {
        Last last = attempt(first);
        for (int failures = 1; last.outcome instanceof Outcome.Unavailable; failures++) {
            if (owner.closing().await(UNAVAILABLE.afterMs(failures), TimeUnit.MILLISECONDS)) {
                return;
            }
            last = attempt(last.message);
        }
        if (last.outcome instanceof Outcome.Failed failed) {
            tally.onRolledBack(failed.reason());
            long delayMs = owner.waitsAtBroker() ? 0 : REDELIVERY.afterMs(deliveryCount(last.message));
            log(last.message, failed, delayMs);
            if (!owner.closing().await(delayMs, TimeUnit.MILLISECONDS)) {
                settling.failed();
            }
        }
    }

    private void log(Message message, Outcome.Failed failed, long delayMs) throws JMSException {
        if (failuresLogged.permits(container.nanos())) {
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
    private Last attempt(Message message) throws JMSException, InterruptedException {
        CompletableFuture<Last> result = new CompletableFuture<>();
        running = result;
        CompletableFuture<Void> end = new CompletableFuture<>();
        ended = end;
        container.runLater(() -> call(message, result, end), refused -> {
            LOG.debug("The server takes no work: {}", refused.getMessage());
            end.complete(null);
            result.complete(new Last(message, new Outcome.Unavailable()));
        });
        try {
            return result.get();
        } catch (CancellationException abandoned) {
            return new Last(message, new Outcome.Unavailable());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof JMSException unsettled) {
                throw unsettled;
            }
            throw new IllegalStateException("A run of deliveries ended with what it does not throw", e);
        }
    }

    private void call(Message first, CompletableFuture<Last> result, CompletableFuture<Void> end) {
        try {
            if (!result.isDone() && !result.complete(run(first, result))) {
                endpoint.release();
            }
        } catch (JMSException | RuntimeException e) {
            result.completeExceptionally(e);
        } finally {
            end.complete(null);
        }
    }

    private Last run(Message first, CompletableFuture<Last> result) throws JMSException {
        long endNanos = container.nanos() + RUN_NANOS;
        Message message = first;
        while (true) {
            Outcome outcome = endpoint.deliver(message);
            Message next = outcome instanceof Outcome.Processed ? settle(message, result, endNanos) : null;
            if (next == null) {
                return new Last(message, outcome);
            }
            message = next;
            owner.onBusy();
        }
    }

    /** Settles, unless the session was abandoned meanwhile, and takes the next message when the run may go on. */
    private @Nullable Message settle(Message processed, CompletableFuture<Last> result, long endNanos)
            throws JMSException {
        synchronized (turn) {
            if (result.isDone()) {
                return null;
            }
            settling.processed(processed);
            tally.onDelivered();
            long nowNanos = container.nanos();
            Message next = nowNanos - endNanos < 0 && !isClosing() ? ListenerBuffers.proceed(session) : null;
            if (next != null) {
                activity = new Activity.Busy(nowNanos);
            }
            return next;
        }
    }

    private static int deliveryCount(Message message) throws JMSException {
        return message.propertyExists("JMSXDeliveryCount") ? message.getIntProperty("JMSXDeliveryCount") : 1;
    }

    /** Waits for the running delivery, then keeps others from starting and gives the endpoint back. */
    boolean awaitIdle(long deadlineNanos) {
        synchronized (turn) {
            try {
                while (activity instanceof Activity.Busy) {
                    long leftNanos = deadlineNanos - System.nanoTime();
                    if (leftNanos <= 0) {
                        return false;
                    }
                    TimeUnit.NANOSECONDS.timedWait(turn, leftNanos);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
            activity = new Activity.Over();
        }
        endpoint.release();
        return true;
    }

    /**
     * Leaves the running delivery alone: its message goes back to the broker, whatever the bean still does with it. The
     * endpoint is given back when the bean returns. Only when the link is closing.
     */
    void abandon() {
        synchronized (turn) {
            running.cancel(false);
        }
    }
}
