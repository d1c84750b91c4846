// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.io.Serializable;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The session that an application holds. Each call goes to the managed connection's session of the moment: the
 * transacted one inside a transaction, the automatic one outside, so that a session made before a transaction takes part
 * in it. Used by one application thread.
 */
final class SessionHandle implements QueueSession, TopicSession {
    private final ConnectionHandle connection;
    private final int acknowledgeMode;
    private final List<ConsumerHandle> consumers = new CopyOnWriteArrayList<>();
    private volatile boolean closed;

    SessionHandle(ConnectionHandle connection, int acknowledgeMode) {
        this.connection = connection;
        this.acknowledgeMode = acknowledgeMode;
    }

    boolean isClosed() {
        return closed;
    }

    Link.Half current() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The session is closed");
        }
        return connection.enlisted().current();
    }

    /** Waits until the application has started the connection, whose client's is started always. */
    boolean awaitStarted(long timeoutMs) throws JMSException {
        return connection.awaitStarted(timeoutMs);
    }

    private Session session() throws JMSException {
        return current().session();
    }

    /** Ends the handle and its consumers; what a transaction received stays in the transaction. */
    void release() {
        closed = true;
        consumers.forEach(ConsumerHandle::release);
        consumers.clear();
    }

    void forget(ConsumerHandle consumer) {
        consumers.remove(consumer);
    }

    private ConsumerHandle consumer(ConsumerHandle.Opener opener) throws JMSException {
        ConsumerHandle consumer = new ConsumerHandle(this, opener);
        consumers.add(consumer);
        return consumer;
    }

    private ProducerHandle producer(@Nullable Destination destination) throws JMSException {
        current();
        return new ProducerHandle(this, destination);
    }

    @Override
    public MessageProducer createProducer(@Nullable Destination destination) throws JMSException {
        return producer(destination);
    }

    @Override
    public QueueSender createSender(@Nullable Queue queue) throws JMSException {
        return producer(queue);
    }

    @Override
    public TopicPublisher createPublisher(@Nullable Topic topic) throws JMSException {
        return producer(topic);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return consumer(s -> s.createConsumer(destination));
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector) throws JMSException {
        return consumer(s -> s.createConsumer(destination, selector));
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(s -> s.createConsumer(destination, selector, noLocal));
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return consumer(s -> s.createConsumer(queue));
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, @Nullable String selector) throws JMSException {
        return consumer(s -> s.createConsumer(queue, selector));
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return consumer(s -> s.createConsumer(topic));
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(s -> s.createConsumer(topic, selector, noLocal));
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String subscription) throws JMSException {
        return consumer(s -> s.createSharedConsumer(topic, subscription));
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String subscription, @Nullable String selector)
            throws JMSException {
        return consumer(s -> s.createSharedConsumer(topic, subscription, selector));
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String subscription) throws JMSException {
        return consumer(s -> s.createDurableConsumer(topic, subscription));
    }

    @Override
    public TopicSubscriber createDurableSubscriber(
            Topic topic, String subscription, @Nullable String selector, boolean noLocal) throws JMSException {
        return consumer(s -> s.createDurableConsumer(topic, subscription, selector, noLocal));
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String subscription) throws JMSException {
        return consumer(s -> s.createDurableConsumer(topic, subscription));
    }

    @Override
    public MessageConsumer createDurableConsumer(
            Topic topic, String subscription, @Nullable String selector, boolean noLocal) throws JMSException {
        return consumer(s -> s.createDurableConsumer(topic, subscription, selector, noLocal));
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String subscription) throws JMSException {
        return consumer(s -> s.createSharedDurableConsumer(topic, subscription));
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String subscription, @Nullable String selector)
            throws JMSException {
        return consumer(s -> s.createSharedDurableConsumer(topic, subscription, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return session().createBrowser(queue);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) throws JMSException {
        return session().createBrowser(queue, selector);
    }

    @Override
    public Queue createQueue(String name) throws JMSException {
        return session().createQueue(name);
    }

    @Override
    public Topic createTopic(String name) throws JMSException {
        return session().createTopic(name);
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        TemporaryQueue queue = session().createTemporaryQueue();
        connection.own(queue::delete);
        return queue;
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        TemporaryTopic topic = session().createTemporaryTopic();
        connection.own(topic::delete);
        return topic;
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        session().unsubscribe(name);
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        return session().createBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        return session().createMapMessage();
    }

    @Override
    public Message createMessage() throws JMSException {
        return session().createMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        return session().createObjectMessage();
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        return session().createObjectMessage(object);
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        return session().createStreamMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        return session().createTextMessage();
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) throws JMSException {
        return session().createTextMessage(text);
    }

    @Override
    public boolean getTransacted() throws JMSException {
        current();
        return connection.managed().inTransaction();
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        return getTransacted() ? Session.SESSION_TRANSACTED : acknowledgeMode;
    }

    @Override
    public void recover() throws JMSException {
        session().recover();
    }

    /** Ends consumers; also the loss of one does not keep the others open. */
    @Override
    public void close() {
        release();
    }

    @Override
    public void commit() throws JMSException {
        throw Failures.notInContainer("Session.commit");
    }

    @Override
    public void rollback() throws JMSException {
        throw Failures.notInContainer("Session.rollback");
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        throw Failures.notInContainer("Session.getMessageListener");
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        throw Failures.notInContainer("Session.setMessageListener");
    }

    /** For servers with the older facilities; this adapter delivers through the connector contracts. */
    @Override
    public void run() {
        throw new IllegalStateRuntimeException("Session.run is not allowed in a Jakarta EE container");
    }
}
