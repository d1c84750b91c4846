// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.MillraceResourceAdapter;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ConnectionManager;
import jakarta.resource.spi.ConnectionRequestInfo;
import jakarta.resource.spi.ManagedConnection;
import jakarta.resource.spi.ManagedConnectionFactory;
import jakarta.resource.spi.ResourceAdapter;
import jakarta.resource.spi.ResourceAdapterAssociation;
import jakarta.resource.spi.ValidatingManagedConnectionFactory;
import java.io.PrintWriter;
import java.io.Serial;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import javax.security.auth.Subject;
import org.jspecify.annotations.Nullable;

/**
 * Makes managed connections for a server's pool. Properties left unset are the resource adapter's. The server configures
 * it once and then calls it from any thread.
 */
public class MillraceManagedConnectionFactory
        implements ManagedConnectionFactory, ResourceAdapterAssociation, ValidatingManagedConnectionFactory {
    @Serial
    private static final long serialVersionUID = 1L;

    private @Nullable String url;
    private @Nullable String userName;
    private @Nullable String password;
    private @Nullable String clientId;
    private @Nullable ResourceAdapter resourceAdapter;
    private transient @Nullable PrintWriter logWriter;
    private transient @Nullable PhysicalConnections own;

    /** Cheap: servers call it at each lookup. */
    @Override
    public Object createConnectionFactory(ConnectionManager connectionManager) {
        return new PooledConnectionFactory(this, connectionManager);
    }

    /** Outside of a server: nothing is pooled but the connection to the broker. */
    @Override
    public Object createConnectionFactory() {
        return new PooledConnectionFactory(this, new DirectConnectionManager());
    }

    @Override
    public ManagedConnection createManagedConnection(@Nullable Subject subject, @Nullable ConnectionRequestInfo info)
            throws ResourceException {
        return new MillraceManagedConnection(this, Credentials.of(this, subject, info));
    }

    @Override
    @SuppressWarnings("rawtypes")
    public @Nullable ManagedConnection matchManagedConnections(
            Set candidates, @Nullable Subject subject, @Nullable ConnectionRequestInfo info) throws ResourceException {
        Credentials wanted = Credentials.of(this, subject, info);
        for (Object candidate : candidates) {
            if (candidate instanceof MillraceManagedConnection connection && connection.matches(this, wanted)) {
                return connection;
            }
        }
        return null;
    }

    /** Those whose link to the broker is lost. */
    @Override
    @SuppressWarnings("rawtypes")
    public Set getInvalidConnections(Set candidates) {
        Set<Object> invalid = new HashSet<>();
        for (Object candidate : candidates) {
            if (candidate instanceof MillraceManagedConnection connection && connection.isBroken()) {
                invalid.add(connection);
            }
        }
        return invalid;
    }

    /** The settings of this factory, completed by the resource adapter's. */
    public BrokerSettings settings() {
        BrokerSettings own = new BrokerSettings(url, userName, password, clientId);
        return resourceAdapter instanceof MillraceResourceAdapter adapter ? own.orElse(adapter.settings()) : own;
    }

    /** These settings as another user, when the credentials name one. */
    BrokerSettings settings(Credentials credentials) {
        BrokerSettings configured = settings();
        return credentials.user() == null
                ? configured
                : new BrokerSettings(
                        configured.effectiveUrl(), credentials.user(), credentials.password(), configured.clientId());
    }

    /** The adapter's connections; those of the factory alone outside of a server. */
    PhysicalConnections connections() {
        if (resourceAdapter instanceof MillraceResourceAdapter adapter) {
            return adapter.connections();
        }
        synchronized (this) {
            PhysicalConnections mine = own;
            if (mine == null) {
                mine = new PhysicalConnections();
                own = mine;
            }
            return mine;
        }
    }

    AwayBroker away() {
        return resourceAdapter instanceof MillraceResourceAdapter adapter ? adapter : AwayBroker.outsideOfAServer();
    }

    @Override
    public @Nullable ResourceAdapter getResourceAdapter() {
        return resourceAdapter;
    }

    @Override
    public void setResourceAdapter(ResourceAdapter adapter) {
        this.resourceAdapter = adapter;
    }

    @Override
    public @Nullable PrintWriter getLogWriter() {
        return logWriter;
    }

    /** Kept for the server; the adapter itself logs through slf4j. */
    @Override
    public void setLogWriter(@Nullable PrintWriter out) {
        this.logWriter = out;
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

    /** The same as {@link #getUserName()}; servers use either name. */
    public @Nullable String getUser() {
        return userName;
    }

    public void setUser(@Nullable String user) {
        this.userName = user;
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

    @Override
    public final boolean equals(@Nullable Object other) {
        return other instanceof MillraceManagedConnectionFactory factory
                && factory.getClass() == getClass()
                && Objects.equals(url, factory.url)
                && Objects.equals(userName, factory.userName)
                && Objects.equals(password, factory.password)
                && Objects.equals(clientId, factory.clientId);
    }

    @Override
    public final int hashCode() {
        return Objects.hash(getClass().getName(), url, userName, password, clientId);
    }
}
