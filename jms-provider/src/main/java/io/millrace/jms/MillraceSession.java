// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.message.MillraceBytesMessage;
import io.millrace.jms.message.MillraceMapMessage;
import io.millrace.jms.message.MillraceMessage;
import io.millrace.jms.message.MillraceObjectMessage;
import io.millrace.jms.message.MillraceStreamMessage;
import io.millrace.jms.message.MillraceTextMessage;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.SubscriptionKind;
import jakarta.jms.BytesMessage;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import jakarta.jms.TransactionRolledBackException;
import java.io.Serializable;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A session (Jakarta Messaging 3.1, chapter 6): for one thread at a time, except {@link #close()}. Delivery is the
 * {@link SessionCore}'s work, what sending and settling mean the {@link SessionMode}'s.
 */
sealed class MillraceSession implements QueueSession, TopicSession permits MillraceXASession {

    /** The domain of a session: a domain-specific one refuses what belongs to the other (section 9.2). */
    enum Domain {
        BOTH,
        QUEUES,
        TOPICS
    }

    private final MillraceConnection connection;
    private final SessionCore core;
    private final Domain domain;
    private final CompletionQueue completions;
    private final Consumers consumers;

    MillraceSession(MillraceConnection connection, SessionCore core, Domain domain) {
        this.connection = connection;
        this.core = core;
        this.domain = domain;
        this.completions = new CompletionQueue(
                "millrace-completions-" + core.id(),
                connection.options().asyncWindow(),
                connection.options().asyncWindowBytes());
        this.consumers = new Consumers(connection, core);
    }

    // ---- for producers

    long id() {
        return core.id();
    }

    SessionCore core() {
        return core;
    }

    SessionMode mode() {
        return core.mode();
    }

    Routes routes() {
        return connection.routes();
    }

    Features features() {
        return connection.features();
    }

    CompletionQueue completions() {
        return completions;
    }

    /** Who sends, in the messages sent. */
    UUID clientIncarnation() {
        return connection.senderIdentity();
    }

    long nowMs() {
        return connection.clock().millis();
    }

    Stamps stamps() {
        return connection.stamps();
    }

    String nextMessageId() {
        return connection.nextMessageId();
    }

    boolean isTransacted() {
        return core.mode().acknowledgeMode() == SESSION_TRANSACTED;
    }

    void checkOpen() throws JMSException {
        core.checkOpen();
    }

    /** Waits for a synchronous send. */
    void awaitSent(CompletableFuture<?> sent, MillraceDestination to) throws JMSException {
        try {
            JmsErrors.await(sent, "Sending to " + to);
        } catch (JMSException e) {
            connection.routes().forget(to);
            throw e;
        }
    }

    // ---- messages

    @Override
    public Message createMessage() throws JMSException {
        checkOpen();
        return new MillraceMessage();
    }

    @Override
    public TextMessage createTextMessage() throws JMSException {
        return createTextMessage(null);
    }

    @Override
    public TextMessage createTextMessage(@Nullable String text) throws JMSException {
        checkOpen();
        return new MillraceTextMessage(text);
    }

    @Override
    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new MillraceBytesMessage();
    }

    @Override
    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new MillraceMapMessage();
    }

    @Override
    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new MillraceStreamMessage();
    }

    @Override
    public ObjectMessage createObjectMessage() throws JMSException {
        return createObjectMessage(null);
    }

    @Override
    public ObjectMessage createObjectMessage(@Nullable Serializable object) throws JMSException {
        checkOpen();
        MillraceObjectMessage message = new MillraceObjectMessage();
        message.setObject(object);
        return message;
    }

    // ---- destinations

    @Override
    public Queue createQueue(@Nullable String name) throws JMSException {
        checkOpen();
        checkDomain(DestinationKind.QUEUE, "createQueue");
        MillraceQueue queue = MillraceQueue.named(name);
        queue.requireName();
        return queue;
    }

    @Override
    public Topic createTopic(@Nullable String name) throws JMSException {
        checkOpen();
        checkDomain(DestinationKind.TOPIC, "createTopic");
        MillraceTopic topic = MillraceTopic.named(name);
        topic.requireName();
        return topic;
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        checkDomain(DestinationKind.QUEUE, "createTemporaryQueue");
        checkOpen();
        return connection.temporaries().createQueue();
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        checkDomain(DestinationKind.TOPIC, "createTemporaryTopic");
        checkOpen();
        return connection.temporaries().createTopic();
    }

    private void checkDomain(DestinationKind kind, String what) throws JMSException {
        Domain refusing = kind == DestinationKind.QUEUE ? Domain.TOPICS : Domain.QUEUES;
        if (domain == refusing) {
            throw new IllegalStateException(what + " is not for this session: it was made by a "
                    + (domain == Domain.QUEUES ? "QueueConnection." : "TopicConnection."));
        }
    }

    // ---- producers

    @Override
    public MillraceProducer createProducer(@Nullable Destination destination) throws JMSException {
        checkOpen();
        MillraceDestination fixed = destination == null ? null : MillraceDestination.of(destination);
        if (fixed != null) {
            routes().open(fixed);
        }
        return new MillraceProducer(this, fixed);
    }

    @Override
    public QueueSender createSender(@Nullable Queue queue) throws JMSException {
        checkDomain(DestinationKind.QUEUE, "createSender");
        return createProducer(queue);
    }

    @Override
    public TopicPublisher createPublisher(@Nullable Topic topic) throws JMSException {
        checkDomain(DestinationKind.TOPIC, "createPublisher");
        return createProducer(topic);
    }

    // ---- consumers

    @Override
    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return consumer(destination, null, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector) throws JMSException {
        return consumer(destination, selector, false);
    }

    @Override
    public MessageConsumer createConsumer(Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return consumer(destination, selector, noLocal);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return createReceiver(queue, null);
    }

    @Override
    public QueueReceiver createReceiver(Queue queue, @Nullable String selector) throws JMSException {
        checkDomain(DestinationKind.QUEUE, "createReceiver");
        return consumer(queue, selector, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return createSubscriber(topic, null, false);
    }

    @Override
    public TopicSubscriber createSubscriber(Topic topic, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkDomain(DestinationKind.TOPIC, "createSubscriber");
        return consumer(topic, selector, noLocal);
    }

    private MillraceConsumer consumer(@Nullable Destination destination, @Nullable String selector, boolean noLocal)
            throws JMSException {
        checkOpen();
        if (destination == null) {
            throw new InvalidDestinationException("There is no destination to receive from: it is null.");
        }
        MillraceDestination from = MillraceDestination.of(destination);
        checkDomain(from.kind(), "createConsumer");
        return consumers.unnamed(from, selector, noLocal);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        return named("createSharedConsumer", SubscriptionKind.SHARED_NON_DURABLE, topic, name, selector, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return createDurableSubscriber(topic, name, null, false);
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return named("createDurableSubscriber", SubscriptionKind.DURABLE, topic, name, selector, noLocal);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return createDurableConsumer(topic, name, null, false);
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, @Nullable String selector, boolean noLocal)
            throws JMSException {
        return named("createDurableConsumer", SubscriptionKind.DURABLE, topic, name, selector, noLocal);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, @Nullable String selector)
            throws JMSException {
        return named("createSharedDurableConsumer", SubscriptionKind.SHARED_DURABLE, topic, name, selector, false);
    }

    private MillraceConsumer named(
            String what,
            SubscriptionKind kind,
            @Nullable Topic topic,
            @Nullable String name,
            @Nullable String selector,
            boolean noLocal)
            throws JMSException {
        checkOpen();
        checkDomain(DestinationKind.TOPIC, what);
        return consumers.named(kind, topic, name, selector, noLocal);
    }

    @Override
    public void unsubscribe(@Nullable String name) throws JMSException {
        checkOpen();
        checkDomain(DestinationKind.TOPIC, "unsubscribe");
        consumers.unsubscribe(name);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return createBrowser(queue, null);
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, @Nullable String selector) throws JMSException {
        checkDomain(DestinationKind.QUEUE, "createBrowser");
        checkOpen();
        if (queue == null) {
            throw new InvalidDestinationException("There is no queue to browse: it is null.");
        }
        return MillraceQueueBrowser.open(this, MillraceDestination.of(queue), selector);
    }

    // ---- settling

    @Override
    public boolean getTransacted() throws JMSException {
        checkOpen();
        return isTransacted();
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return core.mode().acknowledgeMode();
    }

    @Override
    public void commit() throws JMSException {
        checkNotCompleting("commit");
        JMSException lost = core.lost();
        if (isTransacted() && lost != null) {
            throw JmsErrors.withCause(
                    new TransactionRolledBackException(
                            "The transaction was rolled back: " + lost.getMessage(), lost.getErrorCode()),
                    lost);
        }
        checkOpen();
        completions.awaitAll(); // before it is performed (section 7.3.4)
        core.mode().commit();
    }

    @Override
    public void rollback() throws JMSException {
        checkOpen();
        checkNotCompleting("rollback");
        completions.awaitAll();
        core.mode().rollback();
    }

    @Override
    public void recover() throws JMSException {
        checkOpen();
        core.mode().recover();
    }

    private void checkNotCompleting(String what) throws JMSException {
        if (completions.isCurrentThread()) {
            throw new IllegalStateException(what + " must not be called from a CompletionListener (section 7.3.4).");
        }
    }

    // ---- the application server facilities (chapter 11)

    ServerSessionWork work() {
        return core.work();
    }

    boolean isOf(MillraceConnection other) {
        return connection == other;
    }

    @Override
    public @Nullable MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return work().listener();
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) throws JMSException {
        work().listen(listener);
    }

    /** Processes what a connection consumer has loaded this session with; for the application server. */
    @Override
    public void run() {
        JmsErrors.uncheckedRun(work()::run);
    }

    // ---- closing

    void checkMayClose() throws JMSException {
        checkNotCompleting("close");
        checkMayStop();
    }

    void checkMayStop() throws JMSException {
        if (core.isInListener()) {
            throw new IllegalStateException(
                    "A listener must not close or stop its own session or connection (sections 6.1.5 and 6.2.15).");
        }
    }

    /**
     * Waits for a running listener, for receives and for asynchronous sends, all of which may use the session until
     * then; a transaction is rolled back. Idempotent.
     */
    @Override
    public void close() throws JMSException {
        checkMayClose();
        core.shutDown();
        if (core.mode() instanceof TransactedMode transaction) {
            transaction.forgetSends();
        }
        try {
            completions.awaitAll();
        } finally {
            try {
                core.close();
            } finally {
                completions.close();
                connection.onSessionClosed(this);
            }
        }
    }
}
