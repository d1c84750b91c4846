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
 * @param prefetchBytes the most bytes that one pull asks for, 1 KiB to 64 MiB; a consumer buffers at most
 *     {@value #BUFFERED_PULLS} times that, and one message
 * @param connectTimeoutMs until a broker must have accepted the connection, milliseconds
 * @param requestTimeoutMs until a broker must have answered, milliseconds
 * @param heartbeatTimeoutMs after this silence either side gives the connection up, milliseconds
 * @param reconnectTimeoutMs how long a connection whose broker is away tries to resume, and its callers wait,
 *     milliseconds; 0 not at all: the connection is lost at once
 * @param asyncWindow the most asynchronous sends of a session that wait for completion, 1 to 1,000,000; one more waits
 * @param asyncWindowBytes the most bytes that these have, 1 KiB to 999,999,999; one send is always taken
 * @param deserialization what the bodies of received ObjectMessages may be made of
 * @param populateJMSXUserID whether messages that are sent say in JMSXUserID who connected ({@code true} or {@code false})
 * @param appId what messages that are sent say in JMSXAppID, or {@code null} for nothing
 * @param awaitAcknowledgements whether a session in AUTO_ACKNOWLEDGE waits until the broker has an acknowledgement on disk
 *     before it gives out the next message, so that after a crash only the last message may come twice (Jakarta Messaging
 *     3.1, section 6.2.11), for the time of a sync each; else acknowledgements are sent and not waited for ({@code true} or
 *     {@code false})
 * @param transactionRequestBytes the most bytes of messages, about, that a transaction sends in one request, 64 KiB to 64
 *     MiB; those of a larger one leave in several, for the broker's disk
 * @param alwaysCoordinate whether transactions over several partitions of one broker, too, are committed in the steps
 *     that those over several brokers take; for tests ({@code true} or {@code false}, without it the system property
 *     {@value #ALWAYS_COORDINATE})
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
        Deserialization deserialization,
        boolean populateJMSXUserID,
        @Nullable String appId,
        boolean awaitAcknowledgements,
        int transactionRequestBytes,
        boolean alwaysCoordinate) {

    /** How many pulls' bytes a consumer buffers at most. */
    public static final int BUFFERED_PULLS = 16;

    /** The default of {@code alwaysCoordinate}. */
    public static final String ALWAYS_COORDINATE = "millrace.alwaysCoordinate";

    /**
     * The options {@code deserialization*} (docs/decisions/0017).
     *
     * @param allow which classes: names, {@code com.acme.*} for a package, {@code com.acme.**} with those below it, {@code *}
     *     for all, separated by commas; {@code null} for all that the application's class loader knows
     * @param deny which not, whatever {@code allow} says; {@code null} for those of known attacks, {@code none}
     *     for none
     * @param maxDepth how deep objects may be in objects, 1 to 100,000
     * @param maxReferences the most objects of one body, 1 to 999,999,999
     * @param maxArrayLength the most elements of one array, 1 to 999,999,999
     * @param maxBytes the most bytes of a body that is deserialized, 1 to 999,999,999
     */
    public record Deserialization(
            @Nullable String allow,
            @Nullable String deny,
            int maxDepth,
            int maxReferences,
            int maxArrayLength,
            int maxBytes) {

        private static Deserialization of(String url, Map<String, String> options) throws BadUrlException {
            return new Deserialization(
                    options.get("deserializationAllow"),
                    options.get("deserializationDeny"),
                    number(url, options, "deserializationMaxDepth", 500, 1, 100_000),
                    number(url, options, "deserializationMaxReferences", 10_000_000, 1, 999_999_999),
                    number(url, options, "deserializationMaxArrayLength", 100_000_000, 1, 999_999_999),
                    number(url, options, "deserializationMaxBytes", 100_000_000, 1, 999_999_999));
        }
    }

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
            "deserializationAllow",
            "deserializationDeny",
            "deserializationMaxDepth",
            "deserializationMaxReferences",
            "deserializationMaxArrayLength",
            "deserializationMaxBytes",
            "populateJMSXUserID",
            "appId",
            "awaitAcknowledgements",
            "transactionRequestBytes",
            "alwaysCoordinate"));

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
                Deserialization.of(url, options),
                flag(url, options, "populateJMSXUserID"),
                options.get("appId"),
                flag(url, options, "awaitAcknowledgements"),
                number(url, options, "transactionRequestBytes", 8 << 20, 64 << 10, 64 << 20),
                options.containsKey("alwaysCoordinate")
                        ? flag(url, options, "alwaysCoordinate")
                        : Boolean.getBoolean(ALWAYS_COORDINATE));
    }

    private static boolean flag(String url, Map<String, String> options, String name) throws BadUrlException {
        String value = options.getOrDefault(name, "false");
        if (!value.equals("true") && !value.equals("false")) {
            throw new BadUrlException(url, "\"" + name + "\" must be true or false, not \"" + value + "\"");
        }
        return value.equals("true");
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
                deserialization,
                populateJMSXUserID,
                appId,
                awaitAcknowledgements,
                transactionRequestBytes,
                alwaysCoordinate);
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
                deserialization,
                populateJMSXUserID,
                appId,
                awaitAcknowledgements,
                transactionRequestBytes,
                alwaysCoordinate);
    }

    @Override
    public String toString() {
        return "ConnectionOptions[clientId=" + clientId + ", userName=" + userName + ", prefetch=" + prefetch + "]";
    }
}
