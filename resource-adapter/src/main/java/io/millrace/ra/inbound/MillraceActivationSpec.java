// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.Pattern;
import java.io.Serial;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a message-driven bean may configure: the standard properties of Jakarta Messaging 3.1, section 13.1, and Millrace's
 * own; {@link ActivationProperty} says what each means, its default and its range. The server fills it before the
 * activation; it is only read afterwards.
 *
 * <p>A server with Bean Validation checks the constraints before it activates (Jakarta Connectors 2.1, chapter 9); {@link #validate},
 * which the adapter itself calls too, checks the same and more. Their annotations need no class at run time.
 */
public final class MillraceActivationSpec implements ActivationSpec, Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The default of {@link #getMaxSession()}. */
    public static final int DEFAULT_MAX_SESSION = 10;

    /** The default of {@link #getPrefetch()}: what a session buffers goes by its bean, so that sessions and servers share a backlog evenly. */
    public static final int DEFAULT_PREFETCH = 1_000;

    static final int MAX_SESSION_LIMIT = 1_000;
    static final int PREFETCH_LIMIT = 10_000;
    static final int REDELIVERY_LIMIT = 1_000_000;
    static final long DELAY_LIMIT_MS = 2_592_000_000L;

    private @Nullable String destinationLookup;
    private @Nullable String destination;
    private @Nullable String connectionFactoryLookup;
    private @Nullable String destinationType;
    private @Nullable String acknowledgeMode;
    private @Nullable String messageSelector;
    private @Nullable String subscriptionDurability;
    private @Nullable String clientId;
    private @Nullable String subscriptionName;
    private @Nullable String url;
    private @Nullable String userName;
    private @Nullable String password;
    private boolean shareSubscriptions;
    private int minSession = 1;
    private int maxSession = DEFAULT_MAX_SESSION;
    private int prefetch = DEFAULT_PREFETCH;
    private @Nullable String from;
    private int redeliveryLimit;
    private long redeliveryDelay = -1;
    private double redeliveryMultiplier;
    private long redeliveryMaxDelay = -1;
    private @Nullable String deadLetterQueue;
    private boolean orderedByGroup;
    private transient @Nullable ResourceAdapter resourceAdapter;

    /** Reports all wrong properties at once, each with what it must be. */
    @Override
    public void validate() throws InvalidPropertyException {
        ActivationCheck.check(this);
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return resourceAdapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter adapter) {
        this.resourceAdapter = adapter;
    }

    /** The JNDI name of the destination; wins over {@code destination}. */
    public @Nullable String getDestinationLookup() {
        return destinationLookup;
    }

    public void setDestinationLookup(@Nullable String destinationLookup) {
        this.destinationLookup = destinationLookup;
    }

    /** The name of the destination on the broker. */
    public @Nullable String getDestination() {
        return destination;
    }

    public void setDestination(@Nullable String destination) {
        this.destination = destination;
    }

    /** The JNDI name of a connection factory of this adapter, whose broker and user are taken. */
    public @Nullable String getConnectionFactoryLookup() {
        return connectionFactoryLookup;
    }

    public void setConnectionFactoryLookup(@Nullable String connectionFactoryLookup) {
        this.connectionFactoryLookup = connectionFactoryLookup;
    }

    /** {@code jakarta.jms.Queue} or {@code jakarta.jms.Topic}; may stay unset with a {@code destinationLookup}. */
    @Pattern(regexp = "|jakarta\\.jms\\.(Queue|Topic)")
    public @Nullable String getDestinationType() {
        return destinationType;
    }

    public void setDestinationType(@Nullable String destinationType) {
        this.destinationType = destinationType;
    }

    /** {@code Auto-acknowledge} (default) or {@code Dups-ok-acknowledge}; counts without a transaction only. */
    @Pattern(regexp = "|Auto-acknowledge|Dups-ok-acknowledge")
    public @Nullable String getAcknowledgeMode() {
        return acknowledgeMode;
    }

    public void setAcknowledgeMode(@Nullable String acknowledgeMode) {
        this.acknowledgeMode = acknowledgeMode;
    }

    /** Which messages are delivered (Jakarta Messaging 3.1, section 3.8); unset: all. */
    public @Nullable String getMessageSelector() {
        return messageSelector;
    }

    public void setMessageSelector(@Nullable String messageSelector) {
        this.messageSelector = messageSelector;
    }

    /** {@code NonDurable} (default) or {@code Durable}, which needs a subscriptionName and, unless shared, a clientId. */
    @Pattern(regexp = "|Durable|NonDurable")
    public @Nullable String getSubscriptionDurability() {
        return subscriptionDurability;
    }

    public void setSubscriptionDurability(@Nullable String subscriptionDurability) {
        this.subscriptionDurability = subscriptionDurability;
    }

    /** The JMS client id. */
    public @Nullable String getClientId() {
        return clientId;
    }

    public void setClientId(@Nullable String clientId) {
        this.clientId = clientId;
    }

    /** The name of a shared or durable subscription. */
    public @Nullable String getSubscriptionName() {
        return subscriptionName;
    }

    public void setSubscriptionName(@Nullable String subscriptionName) {
        this.subscriptionName = subscriptionName;
    }

    /** The broker's URL; unset: the connection factory's, then the resource adapter's. */
    public @Nullable String getUrl() {
        return url;
    }

    public void setUrl(@Nullable String url) {
        this.url = url;
    }

    /** The user; unset: the connection factory's, then the resource adapter's. */
    public @Nullable String getUserName() {
        return userName;
    }

    public void setUserName(@Nullable String userName) {
        this.userName = userName;
    }

    /** The password that belongs to the user. */
    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    /** Whether the beans of several servers share one subscription of a topic. */
    public boolean isShareSubscriptions() {
        return shareSubscriptions;
    }

    public void setShareSubscriptions(boolean shareSubscriptions) {
        this.shareSubscriptions = shareSubscriptions;
    }

    /** How many messages can be processed at once at least, 1 to 1,000, default 1; at most maxSession. */
    @Min(1)
    @Max(MAX_SESSION_LIMIT)
    public int getMinSession() {
        return minSession;
    }

    public void setMinSession(int minSession) {
        this.minSession = minSession;
    }

    /** The most messages processed at once, 1 to 1,000, default 10; an unshared topic subscription has one session. */
    @Min(1)
    @Max(MAX_SESSION_LIMIT)
    public int getMaxSession() {
        return maxSession;
    }

    public void setMaxSession(int maxSession) {
        this.maxSession = maxSession;
    }

    /** The most messages that a session buffers, 1 to 10,000, default 1,000. */
    @Min(1)
    @Max(PREFETCH_LIMIT)
    public int getPrefetch() {
        return prefetch;
    }

    public void setPrefetch(int prefetch) {
        this.prefetch = prefetch;
    }

    /** Where a new subscription of a topic starts: earliest, latest, a time or a duration; unset: latest. */
    public @Nullable String getFrom() {
        return from;
    }

    public void setFrom(@Nullable String from) {
        this.from = from;
    }

    /** How often a message may come back, -1 to 1,000,000; -1 for no limit, 0 (default) for the destination's setting. */
    @Min(-1)
    @Max(REDELIVERY_LIMIT)
    public int getRedeliveryLimit() {
        return redeliveryLimit;
    }

    public void setRedeliveryLimit(int redeliveryLimit) {
        this.redeliveryLimit = redeliveryLimit;
    }

    /** How long a message that came back waits, milliseconds, up to 30 days; -1 (default) for the destination's setting. */
    @Min(-1)
    @Max(DELAY_LIMIT_MS)
    public long getRedeliveryDelay() {
        return redeliveryDelay;
    }

    public void setRedeliveryDelay(long redeliveryDelay) {
        this.redeliveryDelay = redeliveryDelay;
    }

    /** By how much the wait grows with each delivery, 1 to 1,000; 0 (default) for the destination's setting. */
    @DecimalMin("0")
    @DecimalMax("1000")
    public double getRedeliveryMultiplier() {
        return redeliveryMultiplier;
    }

    public void setRedeliveryMultiplier(double redeliveryMultiplier) {
        this.redeliveryMultiplier = redeliveryMultiplier;
    }

    /** The longest wait, milliseconds, up to 30 days; -1 (default) for the destination's setting. */
    @Min(-1)
    @Max(DELAY_LIMIT_MS)
    public long getRedeliveryMaxDelay() {
        return redeliveryMaxDelay;
    }

    public void setRedeliveryMaxDelay(long redeliveryMaxDelay) {
        this.redeliveryMaxDelay = redeliveryMaxDelay;
    }

    /** The queue for messages that came back from this bean too often; unset: the destination's. */
    public @Nullable String getDeadLetterQueue() {
        return deadLetterQueue;
    }

    public void setDeadLetterQueue(@Nullable String deadLetterQueue) {
        this.deadLetterQueue = deadLetterQueue;
    }

    /** Whether messages of one JMSXGroupID stay in order even when the connection is lost. */
    public boolean isOrderedByGroup() {
        return orderedByGroup;
    }

    public void setOrderedByGroup(boolean orderedByGroup) {
        this.orderedByGroup = orderedByGroup;
    }

    /** The same as {@link #getUserName()}. */
    public @Nullable String getUser() {
        return userName;
    }

    public void setUser(@Nullable String user) {
        this.userName = user;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MillraceActivationSpec spec
                && Objects.equals(destinationLookup, spec.destinationLookup)
                && Objects.equals(destination, spec.destination)
                && Objects.equals(connectionFactoryLookup, spec.connectionFactoryLookup)
                && Objects.equals(destinationType, spec.destinationType)
                && Objects.equals(acknowledgeMode, spec.acknowledgeMode)
                && Objects.equals(messageSelector, spec.messageSelector)
                && Objects.equals(subscriptionDurability, spec.subscriptionDurability)
                && Objects.equals(clientId, spec.clientId)
                && Objects.equals(subscriptionName, spec.subscriptionName)
                && Objects.equals(url, spec.url)
                && Objects.equals(userName, spec.userName)
                && Objects.equals(password, spec.password)
                && shareSubscriptions == spec.shareSubscriptions
                && minSession == spec.minSession
                && maxSession == spec.maxSession
                && prefetch == spec.prefetch
                && Objects.equals(from, spec.from)
                && redeliveryLimit == spec.redeliveryLimit
                && redeliveryDelay == spec.redeliveryDelay
                && Double.compare(redeliveryMultiplier, spec.redeliveryMultiplier) == 0
                && redeliveryMaxDelay == spec.redeliveryMaxDelay
                && Objects.equals(deadLetterQueue, spec.deadLetterQueue)
                && orderedByGroup == spec.orderedByGroup;
    }

    @Override
    public int hashCode() {
        return Objects.hash(destinationLookup, destination, destinationType, url, subscriptionName, maxSession);
    }

    /** Without the password. */
    @Override
    public String toString() {
        String name = destinationLookup != null ? destinationLookup : destination;
        return "MillraceActivationSpec[" + name + ", maxSession=" + maxSession + "]";
    }
}
