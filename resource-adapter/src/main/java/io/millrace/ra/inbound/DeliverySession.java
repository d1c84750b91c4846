// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;
import jakarta.resource.spi.work.WorkException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
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

    private final Session session;
    private final Endpoint endpoint;
    private final Container container;
    private final CountDownLatch closing;
    private final Semaphore idle = new Semaphore(1);

    DeliverySession(Session session, Endpoint endpoint, Container container, CountDownLatch closing) {
        this.session = session;
        this.endpoint = endpoint;
        this.container = container;
        this.closing = closing;
    }

    /** A message that comes while the link closes stays unacknowledged and goes back with the session. */
    @Override
    public void onMessage(Message message) {
        if (!idle.tryAcquire()) {
            return;
        }
        try {
            if (closing.getCount() != 0) {
                deliver(message);
            }
        } catch (JMSException e) {
            LOG.warn("A delivery could not be settled and will be repeated: {}", e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            idle.release();
        }
    }

    private void deliver(Message message) throws JMSException, InterruptedException {
        Outcome outcome = attempt(message);
        for (int failures = 1; outcome instanceof Outcome.Unavailable; failures++) {
            if (closing.await(UNAVAILABLE.afterMs(failures), TimeUnit.MILLISECONDS)) {
                return;
            }
            outcome = attempt(message);
        }
        if (outcome instanceof Outcome.Failed failed) {
            long delayMs = REDELIVERY.afterMs(deliveryCount(message));
            LOG.warn(
                    "Delivery {} of {} failed, again in {} ms: {}",
                    deliveryCount(message),
                    message.getJMSMessageID(),
                    delayMs,
                    failed.reason());
            if (!closing.await(delayMs, TimeUnit.MILLISECONDS)) {
                session.recover();
            }
        } else {
            message.acknowledge();
        }
    }

    private Outcome attempt(Message message) {
        OutcomeHolder holder = new OutcomeHolder();
        try {
            container.runAndWait(() -> holder.outcome = endpoint.deliver(message));
        } catch (WorkException e) {
            LOG.warn("The server takes no work: {}", e.getMessage());
        }
        return holder.outcome;
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

    /** Carries the outcome from the container's thread, which has ended when it is read. */
    private static final class OutcomeHolder {
        private volatile Outcome outcome = new Outcome.Unavailable();
    }
}
