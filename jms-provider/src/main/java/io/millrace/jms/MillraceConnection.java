// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.MillraceConnectionConsumer.Source;
import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import io.millrace.jms.message.DeserializationPolicy;
import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.Provider;
import io.millrace.protocol.jms.SenderIdentity;
import io.millrace.protocol.jms.Utf8;
import io.millrace.protocol.message.Feature;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A connection (Jakarta Messaging 3.1, section 6.1). Safe for any thread. Open until it is closed or lost: when its links
 * to the brokers went down and {@link Resumption} has given up. A lost one tells its ExceptionListener once, fails every
 * call, and is to be closed and replaced.
 */
sealed class MillraceConnection implements QueueConnection, TopicConnection, SessionCore.Owner, Resumption.Owner
        permits MillraceXAConnection {
    private static final int MAX_CLIENT_ID_LENGTH = 1_024;

    private final ConnectionUrl url;
    private final InstantSource clock = InstantSource.system();
    private final Sessions sessions = new Sessions();
    private final AtomicLong ids = new AtomicLong();
    private final AtomicLong messages = new AtomicLong();
    private final Temporaries temporaries = new Temporaries(this);
    private final Object state = new Object();
    private final DeserializationPolicy deserialization;
    private final Stamps stamps;
    private volatile ConnectionOptions options;
    private volatile Link link;
    private final MillraceSession.Domain domain;
    private @Nullable MillraceSession handOver;
    private boolean used;
    private boolean started;
    private boolean closed;
    private final ExceptionTeller exceptions = new ExceptionTeller();

    /** What comes and goes with the provider. */
    private record Link(Provider provider, Routes routes, Resumption resumption, UUID sender) {}

    MillraceConnection(ConnectionUrl url, ConnectionOptions options, MillraceSession.Domain domain)
            throws JMSException {
        this.domain = domain;
        this.url = url;
        this.options = options;
        this.deserialization = deserialization(options);
        this.stamps = new Stamps(options);
        this.link = connect(options);
    }

    private Link connect(ConnectionOptions with) throws JMSException {
        String clientId = with.clientId();
        if (clientId != null && !Utf8.canHold(clientId)) {
            throw new InvalidClientIDException(
                    "The client id has an unpaired surrogate, which UTF-8 cannot hold; choose another.",
                    "MILLRACE_BAD_REQUEST");
        }
        Resumption resumption = new Resumption(this, with.reconnectTimeoutMs());
        Provider provider = Connecting.connect(url, with, resumption::onLost);
        resumption.bind(provider);
        return new Link(
                provider,
                new Routes(provider, resumption),
                resumption,
                SenderIdentity.of(provider.clientIncarnation(), with.clientId()));
    }

    private static DeserializationPolicy deserialization(ConnectionOptions options) throws JMSException {
        ConnectionOptions.Deserialization with = options.deserialization();
        try {
            return DeserializationPolicy.of(
                    with.allow(),
                    with.deny(),
                    new DeserializationPolicy.Limits(
                            with.maxDepth(), with.maxReferences(), with.maxArrayLength(), with.maxBytes()));
        } catch (IllegalArgumentException e) {
            throw JmsErrors.withCause(new JMSException("A connection option is not valid: " + e.getMessage() + "."), e);
        }
    }

    /** @param domain of a connection made as a queue's or a topic's */
    static MillraceConnection open(ConnectionUrl url, ConnectionOptions options, MillraceSession.Domain domain)
            throws JMSException {
        return new MillraceConnection(url, options, domain);
    }

    // ---- for sessions

    Routes routes() {
        return link.routes;
    }

    Features features() {
        return new Features(link.provider.home().features());
    }

    /** The link over which the connection was made; temporary destinations live with it. */
    BrokerLink home() {
        return link.provider.home();
    }

    /** A link to each broker of the cluster. */
    CompletableFuture<List<BrokerLink>> linksToAll() {
        return link.provider.linksToAll();
    }

    /** Runs a short task on the links' thread after a delay; not at all when the link was replaced or closed by then. */
    void schedule(Runnable task, long delayMs) {
        link.provider.schedule(task, delayMs);
    }

    Temporaries temporaries() {
        return temporaries;
    }

    /** Fails when the connection is closed or lost. */
    void checkUsable() throws JMSException {
        synchronized (state) {
            checkOpen();
        }
    }

    /** What tells this connection's messages from others', for noLocal. */
    UUID senderIdentity() {
        return link.sender;
    }

    UUID clientIncarnation() {
        return link.provider.clientIncarnation();
    }

    long nextConsumerId() {
        return ids.incrementAndGet();
    }

    String nextMessageId() {
        return "ID:" + clientIncarnation() + "-" + messages.incrementAndGet();
    }

    @Override
    public InstantSource clock() {
        return clock;
    }

    @Override
    public ConnectionOptions options() {
        return options;
    }

    @Override
    public DeserializationPolicy deserialization() {
        return deserialization;
    }

    @Override
    public CompletableFuture<BrokerLink> replace(BrokerLink lostLink) {
        return link.provider.replace(lostLink);
    }

    @Override
    public Resumption resumption() {
        return link.resumption;
    }

    /** What it sets on what it sends. */
    Stamps stamps() {
        return stamps;
    }

    void onSessionClosed(MillraceSession session) {
        sessions.remove(session);
    }

    // ---- sessions

    @Override
    public Session createSession() throws JMSException {
        return session(Session.AUTO_ACKNOWLEDGE, MillraceSession.Domain.BOTH);
    }

    @Override
    public Session createSession(int sessionMode) throws JMSException {
        return session(sessionMode, MillraceSession.Domain.BOTH);
    }

    @Override
    public Session createSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return session(mode(transacted, acknowledgeMode), MillraceSession.Domain.BOTH);
    }

    @Override
    public QueueSession createQueueSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return session(mode(transacted, acknowledgeMode), MillraceSession.Domain.QUEUES);
    }

    @Override
    public TopicSession createTopicSession(boolean transacted, int acknowledgeMode) throws JMSException {
        return session(mode(transacted, acknowledgeMode), MillraceSession.Domain.TOPICS);
    }

    private static int mode(boolean transacted, int acknowledgeMode) throws JMSException {
        if (!transacted && acknowledgeMode == Session.SESSION_TRANSACTED) {
            throw new JMSException("A session that is not transacted cannot have the mode SESSION_TRANSACTED.");
        }
        return transacted ? Session.SESSION_TRANSACTED : acknowledgeMode;
    }

    private MillraceSession session(int mode, MillraceSession.Domain domain) throws JMSException {
        onUsed();
        return newSession(mode, domain);
    }

    /** The session of a context that has done nothing yet: the client id may still be set. */
    MillraceSession contextSession(int mode) throws JMSException {
        return newSession(mode, MillraceSession.Domain.BOTH);
    }

    /** From now on the client id cannot be set. */
    void onUsed() {
        synchronized (state) {
            used = true;
        }
    }

    private MillraceSession newSession(int mode, MillraceSession.Domain domain) throws JMSException {
        return add(core -> {
            core.mode(mode(mode, core));
            return new MillraceSession(this, core, domain);
        });
    }

    /** Makes a session around its core. */
    interface SessionMaker<S extends MillraceSession> {
        S make(SessionCore core) throws JMSException;
    }

    <S extends MillraceSession> S add(SessionMaker<S> maker) throws JMSException {
        synchronized (state) {
            checkOpen();
            SessionCore core = new SessionCore(this, ids.incrementAndGet(), Session.AUTO_ACKNOWLEDGE);
            S session = maker.make(core);
            sessions.add(session);
            if (started) {
                core.start();
            }
            return session;
        }
    }

    private SessionMode mode(int mode, SessionCore core) throws JMSException {
        return switch (mode) {
            case Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE -> new AutoMode(core, mode);
            case Session.CLIENT_ACKNOWLEDGE -> new ClientMode(core);
            case Session.SESSION_TRANSACTED -> {
                features().require(Feature.LOCAL_TRANSACTIONS, "A transacted session");
                yield new TransactedMode(core);
            }
            default -> throw new JMSException("There is no session mode " + mode + ".");
        };
    }

    // ---- client id

    @Override
    public @Nullable String getClientID() throws JMSException {
        synchronized (state) {
            checkOpen();
            return options.clientId();
        }
    }

    /** Connects anew under the id: it must be the first thing done with a connection (section 6.1.2). */
    @Override
    public void setClientID(@Nullable String clientId) throws JMSException {
        ConnectionOptions named;
        synchronized (state) {
            checkClientIdMayBeSet();
            if (clientId == null || clientId.isEmpty() || clientId.length() > MAX_CLIENT_ID_LENGTH) {
                throw new InvalidClientIDException(
                        "A client id must have 1 to " + MAX_CLIENT_ID_LENGTH + " characters.", "MILLRACE_BAD_REQUEST");
            }
            named = options.withClientId(clientId);
        }
        // Not under the lock: a link that is lost meanwhile needs it.
        Link fresh = connect(named);
        Link replaced = fresh;
        try {
            synchronized (state) {
                checkClientIdMayBeSet();
                replaced = link;
                link = fresh;
                options = named;
                used = true;
            }
        } finally {
            replaced.resumption.close();
            replaced.provider.close();
        }
    }

    private void checkClientIdMayBeSet() throws JMSException {
        checkOpen();
        if (options.clientId() != null) {
            throw new IllegalStateException("The client id is \"" + options.clientId() + "\" already.");
        }
        if (used) {
            throw new IllegalStateException("The client id must be set before the connection is used.");
        }
    }

    @Override
    public ConnectionMetaData getMetaData() throws JMSException {
        synchronized (state) {
            checkOpen();
            used = true;
            return MetaData.with(stamps.names());
        }
    }

    // ---- exceptions

    @Override
    public @Nullable ExceptionListener getExceptionListener() throws JMSException {
        synchronized (state) {
            checkOpen();
            used = true;
            return exceptions.listener();
        }
    }

    @Override
    public void setExceptionListener(@Nullable ExceptionListener listener) throws JMSException {
        synchronized (state) {
            checkOpen();
            used = true;
            exceptions.listen(listener);
        }
    }

    @Override
    public void onReceiverFailed(JMSException cause) {
        exceptions.tell(cause);
    }

    // ---- outages, on the links' thread

    @Override
    public void onSuspended() {
        temporaries.onOutage();
        sessions.suspend();
    }

    @Override
    public CompletableFuture<Void> resubscribe() {
        return sessions.resubscribe(link.routes);
    }

    @Override
    public void onResumed() {
        link.routes.forgetAll();
        sessions.resume();
    }

    @Override
    public void onLost(JMSException cause) {
        sessions.onConnectionLost(cause);
        exceptions.tell(cause);
    }

    // ---- life cycle

    private void checkOpen() throws JMSException {
        if (closed) {
            throw new IllegalStateException("The connection is closed.");
        }
        JMSException lost = link.resumption.lost();
        if (lost != null) {
            throw JmsErrors.copy(lost);
        }
    }

    @Override
    public void start() throws JMSException {
        synchronized (state) {
            checkOpen();
            used = true;
            started = true;
            sessions.start();
        }
    }

    @Override
    public void stop() throws JMSException {
        synchronized (state) {
            checkOpen();
        }
        sessions.checkMayStop();
        synchronized (state) {
            used = true;
            started = false;
        }
        sessions.stop();
    }

    /**
     * Waits for running listeners, for receives and for asynchronous sends, which have the connection's services until
     * then, except in an outage, which ends. Closes everything, whatever fails on the way; the failures are told after
     * it. Idempotent.
     */
    @Override
    public void close() throws JMSException {
        sessions.checkMayClose();
        link.resumption.endOutage();
        sessions.shutDown();
        synchronized (state) {
            if (closed) {
                return;
            }
            closed = true;
        }
        JMSException failure = sessions.close();
        temporaries.close();
        try {
            freeClientId();
        } catch (JMSException e) {
            failure = JmsErrors.join(failure, e);
        }
        link.resumption.close();
        link.provider.close();
        if (failure != null) {
            throw failure;
        }
    }

    /** So that the next connection may have it as soon as this one is closed. */
    private void freeClientId() throws JMSException {
        if (options.clientId() == null
                || link.resumption.lost() != null
                || !features().announced().contains(Feature.DURABLE_SUBSCRIPTIONS)) {
            return;
        }
        try {
            JmsErrors.await(link.provider.disconnect(), "Giving the client id back");
        } catch (JMSException e) {
            if (!JmsErrors.isLinkLost(e)) {
                throw e;
            }
        }
    }

    // ---- the application server facilities (chapter 11)

    private ConnectionConsumer connectionConsumer(Source source, @Nullable ServerSessionPool pool, int maxMessages)
            throws JMSException {
        return MillraceConnectionConsumer.open(this, handOver(), source, pool, maxMessages);
    }

    /** The session that holds what connection consumers hand to others. */
    private MillraceSession handOver() throws JMSException {
        synchronized (state) {
            checkOpen();
            if (handOver == null) {
                handOver = session(Session.AUTO_ACKNOWLEDGE, MillraceSession.Domain.BOTH);
            }
            return handOver;
        }
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Destination destination, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        return connectionConsumer(hidden -> hidden.createConsumer(destination, selector), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Queue queue, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return connectionConsumer(hidden -> hidden.createConsumer(queue, selector), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createConnectionConsumer(
            Topic topic, @Nullable String selector, ServerSessionPool pool, int maxMessages) throws JMSException {
        return connectionConsumer(hidden -> hidden.createConsumer(topic, selector), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createSharedConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        checkHasTopics("createSharedConnectionConsumer");
        return connectionConsumer(hidden -> hidden.createSharedConsumer(topic, name, selector), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        checkHasTopics("createDurableConnectionConsumer");
        return connectionConsumer(
                hidden -> hidden.createDurableConsumer(topic, name, selector, false), pool, maxMessages);
    }

    @Override
    public ConnectionConsumer createSharedDurableConnectionConsumer(
            Topic topic, String name, @Nullable String selector, ServerSessionPool pool, int maxMessages)
            throws JMSException {
        checkHasTopics("createSharedDurableConnectionConsumer");
        return connectionConsumer(
                hidden -> hidden.createSharedDurableConsumer(topic, name, selector), pool, maxMessages);
    }

    private void checkHasTopics(String what) throws JMSException {
        synchronized (state) {
            checkOpen();
        }
        if (domain == MillraceSession.Domain.QUEUES) {
            throw new IllegalStateException(what + " is not for a QueueConnection.");
        }
    }
}
