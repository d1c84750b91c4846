// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.MillraceSession.Domain;
import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicConnectionFactory;
import java.io.Serializable;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import javax.naming.RefAddr;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.jspecify.annotations.Nullable;

/**
 * Makes connections to Millrace (Jakarta Messaging 3.1, section 5.3). The URL is {@code millrace://host:port[,host:port]}
 * or {@code millrace+zk://host:port[,host:port]/chroot}, each with options after {@code ?} (see
 * {@link ConnectionOptions}); a property set here wins over the URL's option. The URL is checked when a connection is
 * made. Configure it from one thread; create connections from any.
 */
public sealed class MillraceConnectionFactory
        implements ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory, Serializable, Referenceable
        permits MillraceXAConnectionFactory {
    private static final long serialVersionUID = 1L;

    public static final String DEFAULT_URL = "millrace://127.0.0.1:9092";

    private static final String URL = "url";

    private String url;
    /** Options set as properties, by the names the URL uses. */
    private final TreeMap<String, String> options = new TreeMap<>();

    /** A factory for a broker on this machine, {@value #DEFAULT_URL}. */
    public MillraceConnectionFactory() {
        this(DEFAULT_URL);
    }

    public MillraceConnectionFactory(String url) {
        this.url = Objects.requireNonNull(url, "url");
    }

    static MillraceConnectionFactory from(Reference reference) {
        MillraceConnectionFactory factory = reference.getClassName().equals(MillraceXAConnectionFactory.class.getName())
                ? new MillraceXAConnectionFactory()
                : new MillraceConnectionFactory();
        reference.getAll().asIterator().forEachRemaining(address -> factory.restore(address));
        return factory;
    }

    private void restore(RefAddr address) {
        String value = String.valueOf(address.getContent());
        if (address.getType().equals(URL)) {
            url = value;
        } else {
            options.put(address.getType(), value);
        }
    }

    public String getUrl() {
        return url;
    }

    public void setUrl(String url) {
        this.url = Objects.requireNonNull(url, "url");
    }

    /** The JMS client id of every connection made, or {@code null}. */
    public @Nullable String getClientId() {
        return options.get("clientId");
    }

    public void setClientId(@Nullable String clientId) {
        set("clientId", clientId);
    }

    public @Nullable String getUserName() {
        return options.get("user");
    }

    public void setUserName(@Nullable String userName) {
        set("user", userName);
    }

    /** The same as {@link #getUserName()}: containers know either name. */
    public @Nullable String getUser() {
        return getUserName();
    }

    public void setUser(@Nullable String user) {
        setUserName(user);
    }

    public @Nullable String getPassword() {
        return options.get("password");
    }

    public void setPassword(@Nullable String password) {
        set("password", password);
    }

    /** The most messages that a consumer buffers; 0 when the URL or the default (250) decides. */
    public int getPrefetch() {
        return number("prefetch");
    }

    public void setPrefetch(int prefetch) {
        set("prefetch", prefetch);
    }

    /**
     * Which classes the bodies of received ObjectMessages may be made of, as {@code com.acme.*,java.lang.*}; {@code null}
     * when the URL or the default (all that the application's class loader knows) decides.
     */
    public @Nullable String getDeserializationAllow() {
        return options.get("deserializationAllow");
    }

    public void setDeserializationAllow(@Nullable String deserializationAllow) {
        set("deserializationAllow", deserializationAllow);
    }

    /**
     * Which classes they may not be made of, whatever else is allowed; {@code none} for none, {@code null} when the URL or
     * the default (the classes of known attacks) decides.
     */
    public @Nullable String getDeserializationDeny() {
        return options.get("deserializationDeny");
    }

    public void setDeserializationDeny(@Nullable String deserializationDeny) {
        set("deserializationDeny", deserializationDeny);
    }

    /** Whether what is sent says who connected, in JMSXUserID. A receiver must trust the sender's client for it. */
    public boolean isPopulateJMSXUserID() {
        return Boolean.parseBoolean(options.get("populateJMSXUserID"));
    }

    public void setPopulateJMSXUserID(boolean populateJMSXUserID) {
        set("populateJMSXUserID", populateJMSXUserID ? "true" : null);
    }

    /**
     * Whether a session in AUTO_ACKNOWLEDGE waits until the broker has an acknowledgement on disk before it gives out the
     * next message, so that after a crash only the last one may come twice (Jakarta Messaging 3.1, section 6.2.11).
     */
    public boolean isAwaitAcknowledgements() {
        return Boolean.parseBoolean(options.get("awaitAcknowledgements"));
    }

    public void setAwaitAcknowledgements(boolean awaitAcknowledgements) {
        set("awaitAcknowledgements", awaitAcknowledgements ? "true" : null);
    }

    /** What messages that are sent say in JMSXAppID; {@code null} when the URL decides, or for nothing. */
    public @Nullable String getAppId() {
        return options.get("appId");
    }

    public void setAppId(@Nullable String appId) {
        set("appId", appId);
    }

    /** Until a broker must have accepted a connection, milliseconds; 0 when the URL or the default (10,000) decides. */
    public int getConnectTimeoutMs() {
        return number("connectTimeoutMs");
    }

    public void setConnectTimeoutMs(int connectTimeoutMs) {
        set("connectTimeoutMs", connectTimeoutMs);
    }

    /** Until a broker must have answered, milliseconds; 0 when the URL or the default (30,000) decides. */
    public int getRequestTimeoutMs() {
        return number("requestTimeoutMs");
    }

    public void setRequestTimeoutMs(int requestTimeoutMs) {
        set("requestTimeoutMs", requestTimeoutMs);
    }

    /** The silence after which a connection is given up, milliseconds; 0 when the URL or the default (30,000) decides. */
    public int getHeartbeatTimeoutMs() {
        return number("heartbeatTimeoutMs");
    }

    public void setHeartbeatTimeoutMs(int heartbeatTimeoutMs) {
        set("heartbeatTimeoutMs", heartbeatTimeoutMs);
    }

    /**
     * How long a connection whose broker is away tries to resume, and its callers wait, milliseconds; 0 not at all; -1
     * when the URL or the default (120,000) decides.
     */
    public int getReconnectTimeoutMs() {
        String value = options.get("reconnectTimeoutMs");
        return value == null ? -1 : Integer.parseInt(value);
    }

    public void setReconnectTimeoutMs(int reconnectTimeoutMs) {
        set("reconnectTimeoutMs", reconnectTimeoutMs < 0 ? null : Integer.toString(reconnectTimeoutMs));
    }

    /** The most asynchronous sends of a session that wait for completion; 0 when the URL or the default (5,000) decides. */
    public int getAsyncWindow() {
        return number("asyncWindow");
    }

    public void setAsyncWindow(int asyncWindow) {
        set("asyncWindow", asyncWindow);
    }

    /** The most bytes that these have; 0 when the URL or the default (16 MiB) decides. */
    public int getAsyncWindowBytes() {
        return number("asyncWindowBytes");
    }

    public void setAsyncWindowBytes(int asyncWindowBytes) {
        set("asyncWindowBytes", asyncWindowBytes);
    }

    /** What a transaction sends at most in one request, bytes; 0 when the URL or the default (8 MiB) decides. */
    public int getTransactionRequestBytes() {
        return number("transactionRequestBytes");
    }

    public void setTransactionRequestBytes(int transactionRequestBytes) {
        set("transactionRequestBytes", transactionRequestBytes);
    }

    private void set(String name, int value) {
        set(name, value == 0 ? null : Integer.toString(value));
    }

    private void set(String name, @Nullable String value) {
        if (value == null || value.isEmpty()) {
            options.remove(name);
        } else {
            options.put(name, value);
        }
    }

    private int number(String name) {
        String value = options.get(name);
        return value == null ? 0 : Integer.parseInt(value);
    }

    @Override
    public Connection createConnection() throws JMSException {
        return connect(null, null, Domain.BOTH);
    }

    @Override
    public Connection createConnection(@Nullable String userName, @Nullable String password) throws JMSException {
        return connect(userName, password, Domain.BOTH);
    }

    @Override
    public QueueConnection createQueueConnection() throws JMSException {
        return connect(null, null, Domain.QUEUES);
    }

    @Override
    public QueueConnection createQueueConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return connect(userName, password, Domain.QUEUES);
    }

    @Override
    public TopicConnection createTopicConnection() throws JMSException {
        return connect(null, null, Domain.TOPICS);
    }

    @Override
    public TopicConnection createTopicConnection(@Nullable String userName, @Nullable String password)
            throws JMSException {
        return connect(userName, password, Domain.TOPICS);
    }

    @Override
    public JMSContext createContext() {
        return context(null, null, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        return context(null, null, sessionMode);
    }

    @Override
    public JMSContext createContext(@Nullable String userName, @Nullable String password) {
        return context(userName, password, JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Override
    public JMSContext createContext(@Nullable String userName, @Nullable String password, int sessionMode) {
        return context(userName, password, sessionMode);
    }

    private MillraceConnection connect(@Nullable String userName, @Nullable String password, Domain domain)
            throws JMSException {
        return connecting(userName, password, (parsed, settings) -> MillraceConnection.open(parsed, settings, domain));
    }

    /** Makes a connection by what is configured. */
    interface Connector<C> {
        C connect(ConnectionUrl url, ConnectionOptions settings) throws JMSException;
    }

    <C> C connecting(@Nullable String userName, @Nullable String password, Connector<C> connector) throws JMSException {
        ConnectionUrl parsed = ConnectionUrl.parse(url);
        Map<String, String> merged = new HashMap<>(parsed.options());
        merged.putAll(options);
        ConnectionOptions settings = ConnectionOptions.of(url, merged);
        return connector.connect(parsed, userName == null ? settings : settings.withCredentials(userName, password));
    }

    private JMSContext context(@Nullable String userName, @Nullable String password, int sessionMode) {
        return MillraceContext.open(() -> connect(userName, password, Domain.BOTH), sessionMode);
    }

    @Override
    public Reference getReference() {
        Reference reference = new Reference(getClass().getName(), MillraceObjectFactory.class.getName(), null);
        reference.add(new StringRefAddr(URL, url));
        options.forEach((name, value) -> reference.add(new StringRefAddr(name, value)));
        return reference;
    }

    @Override
    public final boolean equals(Object other) {
        return other instanceof MillraceConnectionFactory factory
                && factory.getClass() == getClass()
                && factory.url.equals(url)
                && factory.options.equals(options);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(url, options);
    }

    /** The URL and the client id, without credentials. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + url.replaceAll("(?i)([?&]password=)[^&]*", "$1***") + "]";
    }
}
