// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;

/**
 * The producer that an application holds: a destination and settings; each send goes through the producer of the session
 * of the moment, so making one costs nothing. Used by one application thread.
 */
final class ProducerHandle implements QueueSender, TopicPublisher {
    private final SessionHandle session;
    private final @Nullable Destination destination;
    private int deliveryMode = DeliveryMode.PERSISTENT;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLiveMs;
    private long deliveryDelayMs;
    private boolean withoutId;
    private boolean withoutTimestamp;
    private boolean closed;

    ProducerHandle(SessionHandle session, @Nullable Destination destination) {
        this.session = session;
        this.destination = destination;
    }

    private void transmit(Destination to, Message message, int mode, int withPriority, long ttlMs) throws JMSException {
        requireOpen();
        MessageProducer producer = session.current().producer();
        producer.setDisableMessageID(withoutId);
        producer.setDisableMessageTimestamp(withoutTimestamp);
        if (deliveryDelayMs == 0) {
            producer.send(to, message, mode, withPriority, ttlMs);
            return;
        }
        producer.setDeliveryDelay(deliveryDelayMs);
        try {
            producer.send(to, message, mode, withPriority, ttlMs);
        } finally {
            producer.setDeliveryDelay(0);
        }
    }

    private Destination own() {
        Destination fixed = destination;
        if (fixed == null) {
            throw new UnsupportedOperationException("This producer has no destination of its own; pass one to send");
        }
        return fixed;
    }

    private Destination given(@Nullable Destination to) throws JMSException {
        if (destination != null) {
            throw new UnsupportedOperationException(
                    "This producer sends to " + destination + " only; make one without a destination");
        }
        if (to == null) {
            throw new InvalidDestinationException("No destination to send to");
        }
        return to;
    }

    private void requireOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The producer is closed");
        }
    }

    @Override
    public void send(Message message) throws JMSException {
        transmit(own(), message, deliveryMode, priority, timeToLiveMs);
    }

    @Override
    public void send(Message message, int mode, int withPriority, long ttlMs) throws JMSException {
        transmit(own(), message, mode, withPriority, ttlMs);
    }

    @Override
    public void send(Destination to, Message message) throws JMSException {
        transmit(given(to), message, deliveryMode, priority, timeToLiveMs);
    }

    @Override
    public void send(Destination to, Message message, int mode, int withPriority, long ttlMs) throws JMSException {
        transmit(given(to), message, mode, withPriority, ttlMs);
    }

    @Override
    public void send(Queue to, Message message) throws JMSException {
        send((Destination) to, message);
    }

    @Override
    public void send(Queue to, Message message, int mode, int withPriority, long ttlMs) throws JMSException {
        send((Destination) to, message, mode, withPriority, ttlMs);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int mode, int withPriority, long ttlMs) throws JMSException {
        send(message, mode, withPriority, ttlMs);
    }

    @Override
    public void publish(Topic to, Message message) throws JMSException {
        send((Destination) to, message);
    }

    @Override
    public void publish(Topic to, Message message, int mode, int withPriority, long ttlMs) throws JMSException {
        send((Destination) to, message, mode, withPriority, ttlMs);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        throw Failures.notInContainer("An asynchronous send");
    }

    @Override
    public void send(Message message, int mode, int withPriority, long ttlMs, CompletionListener listener)
            throws JMSException {
        throw Failures.notInContainer("An asynchronous send");
    }

    @Override
    public void send(Destination to, Message message, CompletionListener listener) throws JMSException {
        throw Failures.notInContainer("An asynchronous send");
    }

    @Override
    public void send(
            Destination to, Message message, int mode, int withPriority, long ttlMs, CompletionListener listener)
            throws JMSException {
        throw Failures.notInContainer("An asynchronous send");
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        requireOpen();
        return destination;
    }

    @Override
    public Queue getQueue() throws JMSException {
        requireOpen();
        if (destination instanceof Queue queue) {
            return queue;
        }
        throw new IllegalStateException("Not the sender of a queue");
    }

    @Override
    public Topic getTopic() throws JMSException {
        requireOpen();
        if (destination instanceof Topic topic) {
            return topic;
        }
        throw new IllegalStateException("Not the publisher of a topic");
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        requireOpen();
        return deliveryMode;
    }

    @Override
    public void setDeliveryMode(int mode) throws JMSException {
        requireOpen();
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("Not a delivery mode: " + mode);
        }
        this.deliveryMode = mode;
    }

    @Override
    public int getPriority() throws JMSException {
        requireOpen();
        return priority;
    }

    @Override
    public void setPriority(int priority) throws JMSException {
        requireOpen();
        if (priority < 0 || priority > 9) {
            throw new JMSException("A priority is between 0 and 9, not " + priority);
        }
        this.priority = priority;
    }

    @Override
    public long getTimeToLive() throws JMSException {
        requireOpen();
        return timeToLiveMs;
    }

    @Override
    public void setTimeToLive(long timeToLiveMs) throws JMSException {
        requireOpen();
        this.timeToLiveMs = timeToLiveMs;
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        requireOpen();
        return deliveryDelayMs;
    }

    @Override
    public void setDeliveryDelay(long deliveryDelayMs) throws JMSException {
        requireOpen();
        this.deliveryDelayMs = deliveryDelayMs;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        requireOpen();
        return withoutId;
    }

    @Override
    public void setDisableMessageID(boolean disabled) throws JMSException {
        requireOpen();
        this.withoutId = disabled;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        requireOpen();
        return withoutTimestamp;
    }

    @Override
    public void setDisableMessageTimestamp(boolean disabled) throws JMSException {
        requireOpen();
        this.withoutTimestamp = disabled;
    }

    @Override
    public void close() {
        closed = true;
    }
}
