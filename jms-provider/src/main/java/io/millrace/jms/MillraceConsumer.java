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
        if (getMessageListener() != null) {
            throw new IllegalStateException("This consumer has a listener; it cannot receive as well (section 8.4).");
        }
    }

    @Override
    public @Nullable Message receive() throws JMSException {
        checkReceivable();
        return message(session.take(receiver, any -> true));
    }

    /** @param timeoutMs milliseconds; 0 waits without end */
    @Override
    public @Nullable Message receive(long timeoutMs) throws JMSException {
        if (timeoutMs == 0) {
            return receive();
        }
        checkReceivable();
        return message(
                session.takeWithin(receiver, TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMs)), any -> true));
    }

    @Override
    public @Nullable Message receiveNoWait() throws JMSException {
        checkReceivable();
        return message(session.takeWithin(receiver, 0, any -> true));
    }

    private @Nullable Message message(@Nullable Delivery delivery) {
        return delivery == null ? null : Messages.received(delivery, session.mode());
    }

    /** Receives the next message if it has a body of that type; 0 waits without end. */
    <T> @Nullable T receiveBody(Class<T> type, long timeoutMs) throws JMSException {
        checkReceivable();
        BodyOfType wanted = new BodyOfType(type);
        try {
            return body(
                    timeoutMs == 0
                            ? session.take(receiver, wanted)
                            : session.takeWithin(
                                    receiver, TimeUnit.MILLISECONDS.toNanos(Math.max(0, timeoutMs)), wanted),
                    type);
        } catch (MessageFormatException e) {
            throw wanted.explained(e);
        }
    }

    <T> @Nullable T receiveBodyNoWait(Class<T> type) throws JMSException {
        checkReceivable();
        BodyOfType wanted = new BodyOfType(type);
        try {
            return body(session.takeWithin(receiver, 0, wanted), type);
        } catch (MessageFormatException e) {
            throw wanted.explained(e);
        }
    }

    private <T> @Nullable T body(@Nullable Delivery delivery, Class<T> type) throws JMSException {
        return delivery == null
                ? null
                : Messages.received(delivery, session.mode()).getBody(type);
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
