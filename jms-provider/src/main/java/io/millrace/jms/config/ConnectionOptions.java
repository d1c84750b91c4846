// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.config;

import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a connection, after URL and factory were merged.
 *
 * @param clientId the JMS client id, or {@code null}
 * @param userName who connects, or {@code null}
 * @param password the secret that goes with it, or {@code null}; never printed
 * @param prefetch the most messages that a consumer buffers, 1 to 10,000
 * @param prefetchBytes the most bytes that one pull asks for, 1 KiB to 64 MiB
 * @param connectTimeoutMs until a broker must have accepted the connection, milliseconds
 * @param requestTimeoutMs until a broker must have answered, milliseconds
 * @param heartbeatTimeoutMs after this silence either side gives the connection up, milliseconds
 * @param reconnectTimeoutMs how long a connection whose broker is away tries to resume, and its callers wait,
 *     milliseconds; 0 not at all: the connection is lost at once
 * @param asyncWindow the most asynchronous sends of a session that wait for completion, 1 to 1,000,000; one more waits
 * @param asyncWindowBytes the most bytes that these have, 1 KiB to 999,999,999; one send is always taken
 * @param deserializationAllow which classes the bodies of received ObjectMessages may be made of: class names,
 *     {@code com.acme.*} for a package, {@code com.acme.**} with those below it, {@code *} for all, separated by commas;
 *     the default is the JDK's values and collections
 */
public record ConnectionOptions(
        @Nullable String clientId,
        @Nullable String userName,
        @Nullable String password,
        int prefetch,
        int prefetchBytes,
        int connectTimeoutMs,
        int requestTimeoutMs,
        int heartbeatTimeoutMs,
        int reconnectTimeoutMs,
        int asyncWindow,
        int asyncWindowBytes,
        String deserializationAllow) {

    private static final String JDK_VALUES = "java.lang.*,java.math.*,java.time.*,java.util.*";

    private static final Set<String> NAMES = new TreeSet<>(Set.of(
            "clientId",
            "user",
            "password",
            "prefetch",
            "prefetchBytes",
            "connectTimeoutMs",
            "requestTimeoutMs",
            "heartbeatTimeoutMs",
            "reconnectTimeoutMs",
            "asyncWindow",
            "asyncWindowBytes",
            "deserializationAllow"));

    /** The options of a URL, with defaults for what it leaves out. Unknown names and values out of range are refused. */
    public static ConnectionOptions of(String url, Map<String, String> options) throws BadUrlException {
        for (String name : options.keySet()) {
            if (!NAMES.contains(name)) {
                throw new BadUrlException(url, "there is no option \"" + name + "\"; known are " + NAMES);
            }
        }
        return new ConnectionOptions(
                options.get("clientId"),
                options.get("user"),
                options.get("password"),
                number(url, options, "prefetch", 250, 1, 10_000),
                number(url, options, "prefetchBytes", 1 << 20, 1 << 10, 64 << 20),
                number(url, options, "connectTimeoutMs", 10_000, 1, 600_000),
                number(url, options, "requestTimeoutMs", 30_000, 10, 3_600_000),
                number(url, options, "heartbeatTimeoutMs", 30_000, 100, 600_000),
                number(url, options, "reconnectTimeoutMs", 120_000, 0, 86_400_000),
                number(url, options, "asyncWindow", 5_000, 1, 1_000_000),
                number(url, options, "asyncWindowBytes", 16 << 20, 1 << 10, 999_999_999),
                options.getOrDefault("deserializationAllow", JDK_VALUES));
    }

    private static int number(String url, Map<String, String> options, String name, int preset, int min, int max)
            throws BadUrlException {
        String value = options.get(name);
        if (value == null) {
            return preset;
        }
        if (!value.matches("\\d{1,9}") || Integer.parseInt(value) < min || Integer.parseInt(value) > max) {
            throw new BadUrlException(
                    url, "\"" + name + "\" must be a number from " + min + " to " + max + ", not \"" + value + "\"");
        }
        return Integer.parseInt(value);
    }

    /** These options with the credentials of {@code createConnection(userName, password)}. */
    public ConnectionOptions withCredentials(@Nullable String newUserName, @Nullable String newPassword) {
        return new ConnectionOptions(
                clientId,
                newUserName,
                newPassword,
                prefetch,
                prefetchBytes,
                connectTimeoutMs,
                requestTimeoutMs,
                heartbeatTimeoutMs,
                reconnectTimeoutMs,
                asyncWindow,
                asyncWindowBytes,
                deserializationAllow);
    }

    /** These options with the id of {@code setClientID}. */
    public ConnectionOptions withClientId(String newClientId) {
        return new ConnectionOptions(
                newClientId,
                userName,
                password,
                prefetch,
                prefetchBytes,
                connectTimeoutMs,
                requestTimeoutMs,
                heartbeatTimeoutMs,
                reconnectTimeoutMs,
                asyncWindow,
                asyncWindowBytes,
                deserializationAllow);
    }

    @Override
    public String toString() {
        return "ConnectionOptions[clientId=" + clientId + ", userName=" + userName + ", prefetch=" + prefetch + "]";
    }
}
