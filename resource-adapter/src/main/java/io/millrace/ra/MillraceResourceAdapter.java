// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import io.millrace.ra.inbound.Activations;
import io.millrace.ra.inbound.MillraceActivationSpec;
import io.millrace.ra.outbound.PhysicalConnections;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.io.Serial;
import java.io.Serializable;
import java.util.LinkedHashSet;
import java.util.Objects;
import java.util.Set;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * The adapter as the server sees it: its settings are the defaults of every connection factory and activation. The
 * server configures it, then calls {@link #start} once and {@link #stop} once; activations come from any thread between.
 */
public final class MillraceResourceAdapter implements ResourceAdapter, AwayBroker, Serializable {
    @Serial
    private static final long serialVersionUID = 1L;

    private @Nullable String url;
    private @Nullable String userName;
    private @Nullable String password;
    private @Nullable String clientId;
    private int commitWaitMs = DEFAULT_COMMIT_WAIT_MS;
    private transient volatile @Nullable Activations activations;
    private transient @Nullable PhysicalConnections connections;

    @Override
    public void start(BootstrapContext context) throws ResourceAdapterInternalException {
        activations = new Activations(context, commitWaitMs);
    }

    @Override
    public void stop() {
        Activations running = activations;
        activations = null;
        if (running != null) {
            running.close();
        }
        connections().close();
    }

    /** What the connection factories of this adapter share. */
    public synchronized PhysicalConnections connections() {
        PhysicalConnections shared = connections;
        if (shared == null) {
            shared = new PhysicalConnections();
            connections = shared;
        }
        return shared;
    }

    /** Returns at once; the broker is connected to in the background, however long it takes to appear. */
    @Override
    public void endpointActivation(MessageEndpointFactory factory, ActivationSpec spec) throws ResourceException {
        Activations running = activations;
        if (running == null) {
            throw new ResourceAdapterInternalException("The Millrace resource adapter is not started");
        }
        if (!(spec instanceof MillraceActivationSpec millrace)) {
            throw new NotSupportedException(
                    "Not an activation spec of this adapter: " + spec.getClass().getName());
        }
        running.activate(factory, millrace, settings());
    }

    @Override
    public void endpointDeactivation(MessageEndpointFactory factory, ActivationSpec spec) {
        Activations running = activations;
        if (running != null) {
            running.deactivate(factory, spec);
        }
    }

    /** One for each broker that the specs name; each recovers all branches of its broker. */
    @Override
    public XAResource[] getXAResources(ActivationSpec[] specs) throws ResourceException {
        Set<BrokerSettings> brokers = new LinkedHashSet<>();
        for (ActivationSpec spec : specs) {
            if (spec instanceof MillraceActivationSpec millrace) {
                brokers.add(Activations.settings(millrace, settings()).withoutClientId());
            }
        }
        return brokers.stream().map(RecoveryResource::new).toArray(XAResource[]::new);
    }

    @Override
    public int commitWaitMs() {
        return commitWaitMs;
    }

    @Override
    public void rollBackLater(BrokerSettings broker, Xid xid) {
        Activations running = activations;
        if (running != null) {
            running.rollBackLater(broker, xid);
        }
    }

    /** The settings that factories and activations fall back to. */
    public BrokerSettings settings() {
        return new BrokerSettings(url, userName, password, clientId);
    }

    public @Nullable String getUrl() {
        return url;
    }

    public void setUrl(@Nullable String url) {
        this.url = url;
    }

    public @Nullable String getUserName() {
        return userName;
    }

    public void setUserName(@Nullable String userName) {
        this.userName = userName;
    }

    public @Nullable String getPassword() {
        return password;
    }

    public void setPassword(@Nullable String password) {
        this.password = password;
    }

    public @Nullable String getClientId() {
        return clientId;
    }

    public void setClientId(@Nullable String clientId) {
        this.clientId = clientId;
    }

    /** See {@link #commitWaitMs}. */
    public Integer getCommitWait() {
        return commitWaitMs;
    }

    /** @throws IllegalArgumentException when it is negative */
    public void setCommitWait(Integer ms) {
        if (ms < 0) {
            throw new IllegalArgumentException(
                    "commitWait is " + ms + " ms; give 0, for a commit that does not wait for its broker, or more");
        }
        this.commitWaitMs = ms;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MillraceResourceAdapter adapter
                && Objects.equals(url, adapter.url)
                && Objects.equals(userName, adapter.userName)
                && Objects.equals(password, adapter.password)
                && Objects.equals(clientId, adapter.clientId)
                && commitWaitMs == adapter.commitWaitMs;
    }

    @Override
    public int hashCode() {
        return Objects.hash(url, userName, password, clientId, commitWaitMs);
    }
}
