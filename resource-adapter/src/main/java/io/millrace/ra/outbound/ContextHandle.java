// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/** The simplified API over a connection handle and its one session. Used by one application thread. */
final class ContextHandle implements JMSContext {
    private final ConnectionHandle connection;
    private final SessionHandle session;
    private boolean autoStart = true;

    ContextHandle(ConnectionHandle connection, SessionHandle session) {
        this.connection = connection;
        this.session = session;
    }

    private JMSConsumer consumer(Failures.Call<MessageConsumer> opener) {
        return Failures.unchecked(() -> {
            MessageConsumer consumer = opener.run();
            if (autoStart) {
                connection.start();
            }
            return new ContextConsumer(consumer);
        });
    }

    @Override
    public JMSProducer createProducer() {
        return Failures.unchecked(() -> new ContextProducer(session));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return consumer(() -> session.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector) {
        return consumer(() -> session.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String subscription) {
        return consumer(() -> session.createSharedConsumer(topic, subscription));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String subscription, @Nullable String selector) {
        return consumer(() -> session.createSharedConsumer(topic, subscription, selector));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String subscription) {
        return consumer(() -> session.createDurableConsumer(topic, subscription));
    }

    @Override
    public JMSConsumer createDurableConsumer(
            Topic topic, String subscription, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session.createDurableConsumer(topic, subscription, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String subscription) {
        return consumer(() -> session.createSharedDurableConsumer(topic, subscription));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String subscription, @Nullable String selector) {
        return consumer(() -> session.createSharedDurableConsumer(topic, subscription, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return Failures.unchecked(() -> session.createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) {
        return Failures.unchecked(() -> session.createBrowser(queue, selector));
    }

    @Override
    public Queue createQueue(String name) {
        return Failures.unchecked(() -> session.createQueue(name));
    }

    @Override
    public Topic createTopic(String name) {
        return Failures.unchecked(() -> session.createTopic(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return Failures.unchecked(() -> session.createTemporaryQueue());
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return Failures.unchecked(() -> session.createTemporaryTopic());
    }

    @Override
    public BytesMessage createBytesMessage() {
        return Failures.unchecked(() -> session.createBytesMessage());
    }

    @Override
    public MapMessage createMapMessage() {
        return Failures.unchecked(() -> session.createMapMessage());
    }

    @Override
    public Message createMessage() {
        return Failures.unchecked(() -> session.createMessage());
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return Failures.unchecked(() -> session.createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) {
        return Failures.unchecked(() -> session.createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return Failures.unchecked(() -> session.createStreamMessage());
    }

    @Override
    public TextMessage createTextMessage() {
        return Failures.unchecked(() -> session.createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) {
        return Failures.unchecked(() -> session.createTextMessage(text));
    }

    @Override
    public void unsubscribe(String name) {
        Failures.unchecked(() -> session.unsubscribe(name));
    }

    @Override
    public boolean getTransacted() {
        return Failures.unchecked(() -> session.getTransacted());
    }

    @Override
    public int getSessionMode() {
        return Failures.unchecked(() -> session.getAcknowledgeMode());
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return Failures.unchecked(() -> connection.getMetaData());
    }

    @Override
    public @Nullable String getClientID() {
        return Failures.uncheckedOrNull(() -> connection.getClientID());
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() {
        return Failures.uncheckedOrNull(() -> connection.getExceptionListener());
    }

    @Override
    public void start() {
        Failures.unchecked(() -> connection.start());
    }

    @Override
    public void recover() {
        Failures.unchecked(() -> session.recover());
    }

    @Override
    public void close() {
        Failures.unchecked(() -> connection.close());
    }

    @Override
    public void setAutoStart(boolean autoStart) {
        this.autoStart = autoStart;
    }

    @Override
    public boolean getAutoStart() {
        return autoStart;
    }

    /** Nothing to do: a session of a container acknowledges by itself or with its transaction. */
    @Override
    public void acknowledge() {
        Failures.unchecked(() -> session.getTransacted());
    }

    @Override
    public void commit() {
        Failures.unchecked(() -> session.commit());
    }

    @Override
    public void rollback() {
        Failures.unchecked(() -> session.rollback());
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        throw Failures.notInContainerUnchecked("JMSContext.createContext");
    }

    @Override
    public void setClientID(String clientId) {
        throw Failures.notInContainerUnchecked("JMSContext.setClientID");
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) {
        throw Failures.notInContainerUnchecked("JMSContext.setExceptionListener");
    }

    @Override
    public void stop() {
        throw Failures.notInContainerUnchecked("JMSContext.stop");
    }
}
