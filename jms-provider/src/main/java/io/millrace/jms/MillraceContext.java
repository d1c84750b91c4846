// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static io.millrace.jms.JmsErrors.unchecked;
import static io.millrace.jms.JmsErrors.uncheckedOptional;
import static io.millrace.jms.JmsErrors.uncheckedRun;

import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The simplified API (Jakarta Messaging 3.1, section 2.8): a session, and its share of a connection that closes with the
 * last context on it. For one thread at a time.
 */
sealed class MillraceContext implements JMSContext permits MillraceXAContext {

    /** Opens the connection of a new context. */
    interface Opener {
        MillraceConnection open() throws JMSException;
    }

    private final MillraceConnection connection;
    private final AtomicInteger sharers;
    private final Session session;
    private @Nullable MillraceJmsProducer anonymous;
    private boolean autoStart = true;
    private volatile boolean closed;

    MillraceContext(MillraceConnection connection, AtomicInteger sharers, Session session) {
        this.connection = connection;
        this.sharers = sharers;
        this.session = session;
    }

    static MillraceContext open(Opener opener, int sessionMode) {
        checkMode(sessionMode);
        return unchecked(() -> {
            MillraceConnection connection = opener.open();
            boolean made = false;
            try {
                MillraceContext context =
                        new MillraceContext(connection, new AtomicInteger(1), connection.contextSession(sessionMode));
                made = true;
                return context;
            } finally {
                if (!made) {
                    connection.close();
                }
            }
        });
    }

    private static void checkMode(int sessionMode) {
        if (sessionMode < SESSION_TRANSACTED || sessionMode > DUPS_OK_ACKNOWLEDGE) {
            throw new JMSRuntimeException("There is no session mode " + sessionMode + ".");
        }
    }

    /** The session, to do something with: after that the client id cannot be set (section 6.1.2). */
    private Session session() {
        connection.onUsed();
        return session;
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        checkMode(sessionMode);
        return unchecked(() -> {
            checkOpen();
            Session another = connection.createSession(sessionMode);
            sharers.incrementAndGet();
            return new MillraceContext(connection, sharers, another);
        });
    }

    /** The connection may go on for other contexts (section 6.2.15). */
    private MillraceConnection open() throws JMSException {
        checkOpen();
        return connection;
    }

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The context is closed.");
        }
    }

    @Override
    public JMSProducer createProducer() {
        return unchecked(() -> {
            MillraceJmsProducer first = anonymous;
            if (first != null) {
                session().getAcknowledgeMode();
                return new MillraceJmsProducer(session(), first.producer());
            }
            MillraceJmsProducer made =
                    new MillraceJmsProducer(session(), session().createProducer(null));
            anonymous = made;
            return made;
        });
    }

    // ---- consumers

    private JMSConsumer consumer(JmsErrors.Checked<MessageConsumer> make) {
        return unchecked(() -> {
            MillraceJmsConsumer consumer = new MillraceJmsConsumer((MillraceConsumer) make.call());
            if (autoStart) {
                connection.start();
            }
            return consumer;
        });
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return consumer(() -> session().createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector) {
        return consumer(() -> session().createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session().createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return consumer(() -> session().createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal) {
        return consumer(() -> session().createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return consumer(() -> session().createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector) {
        return consumer(() -> session().createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return consumer(() -> session().createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector) {
        return consumer(() -> session().createSharedConsumer(topic, name, selector));
    }

    @Override
    public void unsubscribe(String name) {
        uncheckedRun(() -> session().unsubscribe(name));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return browser(() -> session().createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) {
        return browser(() -> session().createBrowser(queue, selector));
    }

    private QueueBrowser browser(JmsErrors.Checked<QueueBrowser> make) {
        return unchecked(() -> {
            QueueBrowser browser = make.call();
            if (autoStart) {
                connection.start();
            }
            return browser;
        });
    }

    // ---- messages and destinations

    @Override
    public BytesMessage createBytesMessage() {
        return unchecked(() -> session().createBytesMessage());
    }

    @Override
    public MapMessage createMapMessage() {
        return unchecked(() -> session().createMapMessage());
    }

    @Override
    public Message createMessage() {
        return unchecked(() -> session().createMessage());
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return unchecked(() -> session().createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) {
        return unchecked(() -> session().createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return unchecked(() -> session().createStreamMessage());
    }

    @Override
    public TextMessage createTextMessage() {
        return unchecked(() -> session().createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) {
        return unchecked(() -> session().createTextMessage(text));
    }

    @Override
    public Queue createQueue(String name) {
        return unchecked(() -> session().createQueue(name));
    }

    @Override
    public Topic createTopic(String name) {
        return unchecked(() -> session().createTopic(name));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return unchecked(() -> session().createTemporaryQueue());
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return unchecked(() -> session().createTemporaryTopic());
    }

    // ---- the connection

    @Override
    public @Nullable String getClientID() {
        return uncheckedOptional(() -> open().getClientID());
    }

    @Override
    public void setClientID(String clientId) {
        uncheckedRun(() -> open().setClientID(clientId));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return unchecked(() -> open().getMetaData());
    }

    @Override
    public @Nullable ExceptionListener getExceptionListener() {
        return uncheckedOptional(() -> open().getExceptionListener());
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) {
        uncheckedRun(() -> open().setExceptionListener(listener));
    }

    @Override
    public void start() {
        uncheckedRun(() -> open().start());
    }

    @Override
    public void stop() {
        uncheckedRun(() -> open().stop());
    }

    @Override
    public void setAutoStart(boolean newAutoStart) {
        uncheckedRun(() -> open().onUsed());
        autoStart = newAutoStart;
    }

    @Override
    public boolean getAutoStart() {
        uncheckedRun(this::checkOpen);
        return autoStart;
    }

    // ---- the session

    @Override
    public boolean getTransacted() {
        return unchecked(() -> session().getTransacted());
    }

    @Override
    public int getSessionMode() {
        return unchecked(() -> session().getAcknowledgeMode());
    }

    @Override
    public void commit() {
        uncheckedRun(() -> session().commit());
    }

    @Override
    public void rollback() {
        uncheckedRun(() -> session().rollback());
    }

    @Override
    public void recover() {
        uncheckedRun(() -> session().recover());
    }

    /** Acknowledges everything the context has received; does nothing except in CLIENT_ACKNOWLEDGE mode. */
    @Override
    public void acknowledge() {
        uncheckedRun(() -> {
            session().getAcknowledgeMode();
            ((MillraceSession) session()).mode().acknowledge(null);
        });
    }

    /** Closes the session, and the connection with the last context on it, whatever fails on the way. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        uncheckedRun(() -> {
            ((MillraceSession) session).checkMayClose();
            closed = true;
            try {
                session.close();
            } finally {
                if (sharers.decrementAndGet() == 0) {
                    connection.close();
                }
            }
        });
    }
}
