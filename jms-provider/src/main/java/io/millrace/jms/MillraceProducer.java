// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.message.MillraceMessage;
import io.millrace.protocol.jms.JmsRecordCodec;
import io.millrace.protocol.message.Feature;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.jspecify.annotations.Nullable;

/** Sends for a session, whose thread it shares (Jakarta Messaging 3.1, chapter 7). */
final class MillraceProducer implements QueueSender, TopicPublisher {
    private final MillraceSession session;
    private final @Nullable MillraceDestination fixed;
    private boolean idDisabled;
    private boolean timestampDisabled;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLiveMs = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelayMs = Message.DEFAULT_DELIVERY_DELAY;
    private boolean closed;

    /** @param fixed where everything goes, opened already; {@code null} to be told with each send */
    MillraceProducer(MillraceSession session, @Nullable MillraceDestination fixed) {
        this.session = session;
        this.fixed = fixed;
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The producer is closed.");
        }
        session.checkOpen();
    }

    // ---- settings

    @Override
    public void setDisableMessageID(boolean value) throws JMSException {
        checkOpen();
        idDisabled = value;
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        checkOpen();
        return idDisabled;
    }

    @Override
    public void setDisableMessageTimestamp(boolean value) throws JMSException {
        checkOpen();
        timestampDisabled = value;
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        checkOpen();
        return timestampDisabled;
    }

    @Override
    public void setDeliveryMode(int newDeliveryMode) throws JMSException {
        checkOpen();
        checkDeliveryMode(newDeliveryMode);
        deliveryMode = newDeliveryMode;
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        checkOpen();
        return deliveryMode;
    }

    @Override
    public void setPriority(int newPriority) throws JMSException {
        checkOpen();
        checkPriority(newPriority);
        priority = newPriority;
    }

    @Override
    public int getPriority() throws JMSException {
        checkOpen();
        return priority;
    }

    @Override
    public void setTimeToLive(long newTimeToLiveMs) throws JMSException {
        checkOpen();
        checkTimeToLive(newTimeToLiveMs);
        timeToLiveMs = newTimeToLiveMs;
    }

    @Override
    public long getTimeToLive() throws JMSException {
        checkOpen();
        return timeToLiveMs;
    }

    /** Milliseconds; anything but 0 needs a broker that announces {@link Feature#DELIVERY_DELAY}. */
    @Override
    public void setDeliveryDelay(long newDeliveryDelayMs) throws JMSException {
        checkOpen();
        if (newDeliveryDelayMs < 0) {
            throw new JMSException("A delivery delay is not negative: " + newDeliveryDelayMs + " ms.");
        }
        if (newDeliveryDelayMs > 0) {
            session.features().require(Feature.DELIVERY_DELAY, "A delivery delay (" + newDeliveryDelayMs + " ms)");
        }
        deliveryDelayMs = newDeliveryDelayMs;
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        checkOpen();
        return deliveryDelayMs;
    }

    @Override
    public @Nullable Destination getDestination() throws JMSException {
        checkOpen();
        return fixed;
    }

    @Override
    public @Nullable Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) fixed;
    }

    @Override
    public @Nullable Topic getTopic() throws JMSException {
        checkOpen();
        return (Topic) fixed;
    }

    private static void checkDeliveryMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw new JMSException("There is no delivery mode " + mode + ".");
        }
    }

    private static void checkPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw new JMSException("A priority is within 0 to 9, not " + priority + ".");
        }
    }

    private static void checkTimeToLive(long timeToLiveMs) throws JMSException {
        if (timeToLiveMs < 0) {
            throw new JMSException("A time to live is not negative: " + timeToLiveMs + " ms.");
        }
    }

    // ---- sending

    @Override
    public void send(Message message) throws JMSException {
        sendAndWait(fixedDestination(), message, deliveryMode, priority, timeToLiveMs);
    }

    @Override
    public void send(Message message, int mode, int prio, long ttlMs) throws JMSException {
        sendAndWait(fixedDestination(), message, mode, prio, ttlMs);
    }

    @Override
    public void send(Destination to, Message message) throws JMSException {
        sendAndWait(givenDestination(to), message, deliveryMode, priority, timeToLiveMs);
    }

    @Override
    public void send(Destination to, Message message, int mode, int prio, long ttlMs) throws JMSException {
        sendAndWait(givenDestination(to), message, mode, prio, ttlMs);
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        sendAsync(fixedDestination(), message, deliveryMode, priority, timeToLiveMs, listener);
    }

    @Override
    public void send(Message message, int mode, int prio, long ttlMs, CompletionListener listener) throws JMSException {
        sendAsync(fixedDestination(), message, mode, prio, ttlMs, listener);
    }

    @Override
    public void send(Destination to, Message message, CompletionListener listener) throws JMSException {
        sendAsync(givenDestination(to), message, deliveryMode, priority, timeToLiveMs, listener);
    }

    @Override
    public void send(Destination to, Message message, int mode, int prio, long ttlMs, CompletionListener listener)
            throws JMSException {
        sendAsync(givenDestination(to), message, mode, prio, ttlMs, listener);
    }

    @Override
    public void send(Queue queue, Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(Queue queue, Message message, int mode, int prio, long ttlMs) throws JMSException {
        send((Destination) queue, message, mode, prio, ttlMs);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int mode, int prio, long ttlMs) throws JMSException {
        send(message, mode, prio, ttlMs);
    }

    @Override
    public void publish(Topic topic, Message message) throws JMSException {
        send((Destination) topic, message);
    }

    @Override
    public void publish(Topic topic, Message message, int mode, int prio, long ttlMs) throws JMSException {
        send((Destination) topic, message, mode, prio, ttlMs);
    }

    private MillraceDestination fixedDestination() throws JMSException {
        checkOpen();
        if (fixed == null) {
            throw new UnsupportedOperationException(
                    "This producer was made without a destination: name one with each send.");
        }
        return fixed;
    }

    private MillraceDestination givenDestination(@Nullable Destination destination) throws JMSException {
        checkOpen();
        if (fixed != null) {
            throw new UnsupportedOperationException("This producer sends to " + fixed + " only.");
        }
        if (destination == null) {
            throw new InvalidDestinationException("There is no destination to send to: it is null.");
        }
        return MillraceDestination.of(destination);
    }

    private void sendAndWait(MillraceDestination to, Message message, int mode, int prio, long ttlMs)
            throws JMSException {
        session.awaitSent(session.mode().send(prepare(to, message, mode, prio, ttlMs)), to);
    }

    private void sendAsync(
            MillraceDestination to, Message message, int mode, int prio, long ttlMs, CompletionListener listener)
            throws JMSException {
        if (listener == null) {
            throw new IllegalArgumentException("An asynchronous send needs a CompletionListener.");
        }
        Outgoing outgoing = prepare(to, message, mode, prio, ttlMs);
        session.completions()
                .send(
                        () -> {
                            session.checkOpen();
                            return session.mode().send(outgoing);
                        },
                        outgoing.size(),
                        message,
                        listener,
                        "Sending to " + to);
    }

    private Outgoing prepare(MillraceDestination to, Message message, int mode, int prio, long ttlMs)
            throws JMSException {
        if (message == null) {
            throw new MessageFormatException("There is no message to send: it is null.");
        }
        checkDeliveryMode(mode);
        checkPriority(prio);
        checkTimeToLive(ttlMs);
        Route route = session.routes().to(to);
        MillraceMessage own = Messages.own(message);
        setHeaders(to, own, mode, prio, ttlMs);
        session.stamps().set(own, message);
        if (own != message) {
            copyHeaders(own, message);
        }
        int partition = PartitionChooser.choose(
                own.groupId(), session.id(), route.leaders().size());
        return new Outgoing(
                route.leaders().get(partition),
                to.getName(),
                partition,
                JmsRecordCodec.encode(Messages.record(own, session.clientIncarnation(), deliveryDelayMs > 0)));
    }

    /** Both hints are lawfully ignored: an id is what a message is looked for by, the log orders by the timestamp. */
    private void setHeaders(MillraceDestination to, MillraceMessage message, int mode, int prio, long ttlMs)
            throws JMSException {
        long now = session.nowMs();
        message.setJMSDestination(to);
        message.setJMSDeliveryMode(mode);
        message.setJMSPriority(prio);
        message.setJMSExpiration(ttlMs == 0 ? 0 : later(now, ttlMs));
        message.setJMSTimestamp(now);
        message.setJMSDeliveryTime(later(now, deliveryDelayMs));
        message.setJMSMessageID(session.nextMessageId());
    }

    /** A time beyond what a long holds is never. */
    private static long later(long nowMs, long byMs) {
        return byMs > Long.MAX_VALUE - nowMs ? Long.MAX_VALUE : nowMs + byMs;
    }

    /** Writes what send sets into a message of another provider (section 3.4.11). */
    private static void copyHeaders(MillraceMessage from, Message to) throws JMSException {
        to.setJMSDestination(from.getJMSDestination());
        to.setJMSDeliveryMode(from.getJMSDeliveryMode());
        to.setJMSPriority(from.getJMSPriority());
        to.setJMSExpiration(from.getJMSExpiration());
        to.setJMSTimestamp(from.getJMSTimestamp());
        to.setJMSDeliveryTime(from.getJMSDeliveryTime());
        to.setJMSMessageID(from.getJMSMessageID());
    }

    /** Waits for the session's asynchronous sends, then closes. Idempotent. */
    @Override
    public void close() throws JMSException {
        if (closed) {
            return;
        }
        if (session.completions().isCurrentThread()) {
            throw new IllegalStateException("A CompletionListener must not close its producer (section 7.3.4).");
        }
        session.completions().awaitAll();
        closed = true;
    }
}
