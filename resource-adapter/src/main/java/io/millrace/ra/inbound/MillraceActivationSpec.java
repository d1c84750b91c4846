// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.InvalidPropertyException;
import jakarta.resource.spi.ResourceAdapter;
import java.io.Serial;
import java.io.Serializable;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a message-driven bean may configure: the standard properties of Jakarta Messaging 3.1, section 13.1, and
 * {@code destination}, {@code shareSubscriptions}, {@code maxSession}, {@code url}, {@code userName}, {@code password}.
 * The server fills it before the activation; it is only read afterwards.
 */
public final class MillraceActivationSpec implements ActivationSpec, Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    /** The default of {@link #getMaxSession()}. */
    public static final int DEFAULT_MAX_SESSION = 10;

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
    private int maxSession = DEFAULT_MAX_SESSION;
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
    public @Nullable String getDestinationType() {
        return destinationType;
    }

    public void setDestinationType(@Nullable String destinationType) {
        this.destinationType = destinationType;
    }

    /** {@code Auto-acknowledge} (default) or {@code Dups-ok-acknowledge}; counts without a transaction only. */
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

    /** The most messages processed at once, 1 to 1,000, default 10; an unshared topic subscription has one session. */
    public int getMaxSession() {
        return maxSession;
    }

    public void setMaxSession(int maxSession) {
        this.maxSession = maxSession;
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
                && maxSession == spec.maxSession;
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
