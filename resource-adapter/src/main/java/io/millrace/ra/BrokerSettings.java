// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import io.millrace.jms.MillraceXAConnectionFactory;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is and as whom to connect. Of each property the first set one counts: the factory's or activation's,
 * then the resource adapter's.
 *
 * @param url the broker's URL, or {@code null} for {@link #defaultUrl()}
 * @param user the user name, or {@code null} for none
 * @param password the password, or {@code null}
 * @param clientId the JMS client id, or {@code null}
 */
public record BrokerSettings(
        @Nullable String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable String clientId) implements Serializable {

    /** System property read when no URL is configured. */
    public static final String URL_PROPERTY = "millrace.url";
    /** Environment variable read when neither a URL nor the system property is set. */
    public static final String URL_VARIABLE = "MILLRACE_URL";

    private static final long serialVersionUID = 1L;

    public BrokerSettings {
        url = blankToNull(url);
        user = blankToNull(user);
        clientId = blankToNull(clientId);
    }

    /** These settings, with {@code fallback}'s where they are unset; user and password go together. */
    public BrokerSettings orElse(BrokerSettings fallback) {
        boolean own = user != null;
        return new BrokerSettings(
                url != null ? url : fallback.url,
                own ? user : fallback.user,
                own ? password : fallback.password,
                clientId != null ? clientId : fallback.clientId);
    }

    /** These settings for a connection beside others that carry the client id, which is one connection's at a time. */
    public BrokerSettings withoutClientId() {
        return new BrokerSettings(url, user, password, null);
    }

    /** The URL that is used. */
    public String effectiveUrl() {
        return url != null ? url : defaultUrl();
    }

    /**
     * A factory of JMS connections with these settings.
     *
     * @param prefetch the most messages that a consumer buffers; 0 when the URL or the client's default decides
     */
    public MillraceXAConnectionFactory factory(int prefetch) {
        MillraceXAConnectionFactory factory = new MillraceXAConnectionFactory(effectiveUrl());
        factory.setUser(user);
        factory.setPassword(password);
        factory.setClientId(clientId);
        factory.setPrefetch(prefetch);
        factory.setReconnectTimeoutMs(0); // the container and the activation replace a lost connection themselves
        return factory;
    }

    private static String defaultUrl() {
        String property = System.getProperty(URL_PROPERTY);
        if (property != null) {
            return property;
        }
        String variable = System.getenv(URL_VARIABLE);
        return variable != null ? variable : "millrace://localhost:9092";
    }

    private static @Nullable String blankToNull(@Nullable String value) {
        return value == null || value.isBlank() ? null : value;
    }

    /** Without the password. */
    @Override
    public String toString() {
        return "BrokerSettings[url=" + effectiveUrl() + ", user=" + user + ", clientId=" + clientId + "]";
    }
}
