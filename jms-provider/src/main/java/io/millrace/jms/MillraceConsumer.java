// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Receives for a session, whose thread it shares (Jakarta Messaging 3.1, chapter 8). */
final class MillraceConsumer implements QueueReceiver, TopicSubscriber {
    private final SessionCore session;
    private final Receiver receiver;

    MillraceConsumer(SessionCore session, Receiver receiver) {
        this.session = session;
        this.receiver = receiver;
    }

    Receiver receiver() {
        return receiver;
    }

    private void checkOpen() throws JMSException {
        session.checkOpen();
        if (isClosed()) {
            throw new IllegalStateException("The consumer is closed.");
        }
    }

    private boolean isClosed() {
        boolean[] closed = new boolean[1];
        session.locked(() -> closed[0] = receiver.isClosed());
        return closed[0];
    }

    @Override
    public @Nullable String getMessageSelector() throws JMSException {
        checkOpen();
        return receiver.how().selector();
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        MessageListener[] listener = new MessageListener[1];
        session.locked(() -> listener[0] = receiver.listener());
        return listener[0];
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        checkOpen();
        session.listen(receiver, listener);
    }

    private void checkReceivable() throws JMSException {
        checkOpen();
        session.mode().checkReceivable();
        if (getMessageListener() != null) {
            throw new IllegalStateException("This consumer has a listener; it cannot receive as well (section 6.2.5).");
        }
    }

    @Override
    public @Nullable Message receive() throws JMSException {
        checkReceivable();
        return message(session.receiving().take(receiver, null));
    }

    /** @param timeoutMs milliseconds; 0 waits without end */
    @Override
    public @Nullable Message receive(long timeoutMs) throws JMSException {
        if (timeoutMs == 0) {
            return receive();
        }
        checkReceivable();
        return message(
                session.receiving().takeWithin(receiver, TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMs)), null));
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        checkReceivable();
        return message(session.receiving().takeWithin(receiver, 0, null));
    }

    private @Nullable Message message(@Nullable Delivery delivery) {
        return delivery == null ? null : Messages.received(delivery, session.mode());
    }

    /** Receives the next message if it has a body of that type; 0 waits without end. */
    <T> @Nullable T receiveBody(Class<T> type, long timeoutMs) throws JMSException {
        checkReceivable();
        BodyOfType<T> wanted = new BodyOfType<>(type);
        return body(
                wanted,
                () -> timeoutMs == 0
                        ? session.receiving().take(receiver, wanted)
                        : session.receiving()
                                .takeWithin(receiver, TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMs)), wanted));
    }

    <T> @Nullable T receiveBodyNoWait(Class<T> type) throws JMSException {
        checkReceivable();
        BodyOfType<T> wanted = new BodyOfType<>(type);
        return body(wanted, () -> session.receiving().takeWithin(receiver, 0, wanted));
    }

    private <T> @Nullable T body(BodyOfType<T> wanted, JmsErrors.CheckedOptional<Delivery> take) throws JMSException {
        try {
            Delivery delivery = take.call();
            return delivery == null ? null : wanted.of(delivery, session.mode());
        } catch (MessageFormatException e) {
            throw wanted.explained(e);
        }
    }

    @Override
    public void close() throws JMSException {
        session.close(receiver);
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) receiver.destination();
    }

    @Override
    public Topic getTopic() throws JMSException {
        checkOpen();
        return (Topic) receiver.destination();
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        checkOpen();
        return receiver.how().noLocal();
    }
}
