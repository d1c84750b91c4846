// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The consumer that an application holds. It receives on the session of the moment and is opened anew when a transaction
 * began or ended since. Used by one application thread.
 */
final class ConsumerHandle implements QueueReceiver, TopicSubscriber {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerHandle.class);

    /** Opens the client's consumer on a session. */
    @FunctionalInterface
    interface Opener {
        MessageConsumer open(Session session) throws JMSException;
    }

    private final SessionHandle session;
    private final Opener opener;
    private Session openedOn;
    private MessageConsumer consumer;
    private volatile boolean closed;

    ConsumerHandle(SessionHandle session, Opener opener) throws JMSException {
        this.session = session;
        this.opener = opener;
        this.openedOn = session.current().session();
        this.consumer = opener.open(openedOn);
    }

    private MessageConsumer consumer() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The consumer is closed");
        }
        Session now = session.current().session();
        if (now != openedOn) {
            closeConsumer();
            consumer = opener.open(now);
            openedOn = now;
        }
        return consumer;
    }

    void release() {
        if (!closed) {
            closed = true;
            closeConsumer();
        }
    }

    private void closeConsumer() {
        try {
            consumer.close();
        } catch (JMSException e) {
            LOG.debug("Closing a consumer failed: {}", e.getMessage());
        }
    }

    @Override
    public @Nullable Message receive() throws JMSException {
        MessageConsumer open = consumer();
        return session.awaitStarted(0) ? open.receive() : null;
    }

    @Override
    public @Nullable Message receive(long timeoutMs) throws JMSException {
        MessageConsumer open = consumer();
        long sinceNanos = System.nanoTime();
        if (!session.awaitStarted(timeoutMs)) {
            return null;
        }
        long passedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos);
        return open.receive(timeoutMs == 0 ? 0 : Math.max(1, timeoutMs - passedMs));
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        MessageConsumer open = consumer();
        return session.awaitStarted(-1) ? open.receiveNoWait() : null;
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        return consumer().getMessageSelector();
    }

    @Override
    public Queue getQueue() throws JMSException {
        if (consumer() instanceof QueueReceiver receiver) {
            return receiver.getQueue();
        }
        throw new IllegalStateException("Not the receiver of a queue");
    }

    @Override
    public Topic getTopic() throws JMSException {
        if (consumer() instanceof TopicSubscriber subscriber) {
            return subscriber.getTopic();
        }
        throw new IllegalStateException("Not the subscriber of a topic");
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        return consumer() instanceof TopicSubscriber subscriber && subscriber.getNoLocal();
    }

    @Override
    public void close() {
        release();
        session.forget(this);
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        throw Failures.notInContainer("MessageConsumer.getMessageListener");
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        throw Failures.notInContainer("MessageConsumer.setMessageListener");
    }
}
