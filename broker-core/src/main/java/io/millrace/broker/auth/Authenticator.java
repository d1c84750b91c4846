// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.auth;

import static io.millrace.broker.config.BrokerConfigKeys.CONNECTIONS_MAX_REAUTH_MS;
import static io.millrace.broker.config.BrokerConfigKeys.LISTEN_SECURITY;
import static io.millrace.broker.config.BrokerConfigKeys.SASL_CREDENTIALS_FILE;
import static io.millrace.broker.config.BrokerConfigKeys.SASL_ENABLED_MECHANISMS;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigException;
import io.millrace.broker.time.BrokerClock;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How clients of this broker's listener prove who they are. Safe for any thread. */
public final class Authenticator {
    /** A listener that asks nobody. */
    public static final Authenticator NONE = new Authenticator(null, List.of(), 0, BrokerClock.SYSTEM);

    private final @Nullable Credentials credentials;
    private final List<String> mechanisms;
    private final long lifetimeMs;
    private final BrokerClock clock;

    private Authenticator(
            @Nullable Credentials credentials, List<String> mechanisms, long lifetimeMs, BrokerClock clock) {
        this.credentials = credentials;
        this.mechanisms = List.copyOf(mechanisms);
        this.lifetimeMs = lifetimeMs;
        this.clock = clock;
    }

    /**
     * @param mechanisms the names of those offered
     * @param lifetimeMs after this time a client must authenticate again, milliseconds; 0 never
     */
    public static Authenticator sasl(
            Credentials credentials, List<String> mechanisms, long lifetimeMs, BrokerClock clock) {
        for (String mechanism : mechanisms) {
            if (SaslMechanism.forLabel(mechanism) == null) {
                throw new ConfigException("Unknown mechanism '%s' in sasl.enabled.mechanisms: known are %s"
                        .formatted(mechanism, SaslMechanism.labels()));
            }
        }
        return new Authenticator(credentials, mechanisms, lifetimeMs, clock);
    }

    /** As the broker is configured. */
    public static Authenticator of(BrokerConfig config, Cluster cluster, BrokerClock clock) {
        if (config.get(LISTEN_SECURITY).equals("none")) {
            return NONE;
        }
        String file = config.get(SASL_CREDENTIALS_FILE);
        Map<String, String> passwords = file.isEmpty() ? Map.of() : Credentials.readFile(Path.of(file));
        List<String> mechanisms = Arrays.stream(
                        config.get(SASL_ENABLED_MECHANISMS).split(","))
                .map(String::strip)
                .toList();
        return sasl(new Credentials(passwords, cluster), mechanisms, config.get(CONNECTIONS_MAX_REAUTH_MS), clock);
    }

    /** The state of a new connection. */
    public ClientSession newSession() {
        return new ClientSession(this, asks());
    }

    /** Whether clients must authenticate. */
    public boolean asks() {
        return credentials != null;
    }

    List<String> mechanisms() {
        return mechanisms;
    }

    SaslMechanism.Exchange start(SaslMechanism mechanism) {
        if (credentials == null) {
            throw new IllegalStateException("this listener asks for no authentication");
        }
        return mechanism.start(credentials);
    }

    long lifetimeMs() {
        return lifetimeMs;
    }

    long nanos() {
        return clock.nanos();
    }
}
