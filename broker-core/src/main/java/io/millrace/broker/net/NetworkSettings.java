// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import java.time.Duration;

/**
 * What the network server goes by.
 *
 * @param host the address to listen on
 * @param port the port, 0 for any free one
 * @param maxConnections open at one time; further ones are closed at once
 * @param maxIdle a connection on which nothing happens for longer is closed
 * @param maxFrameBytes the largest request
 * @param maxInFlightRequests of one connection; no more is read until some are answered
 * @param maxInFlightBytes of one connection's requests that are not answered yet
 */
public record NetworkSettings(
        String host,
        int port,
        int maxConnections,
        Duration maxIdle,
        int maxFrameBytes,
        int maxInFlightRequests,
        long maxInFlightBytes) {

    private static final int MAX_IN_FLIGHT_REQUESTS = 2_048;
    private static final long MAX_IN_FLIGHT_BYTES = 64L << 20;

    /** As the broker is configured. */
    public static NetworkSettings of(BrokerConfig config) {
        return new NetworkSettings(
                config.get(BrokerConfigKeys.LISTEN_HOST),
                config.get(BrokerConfigKeys.LISTEN_PORT),
                config.get(BrokerConfigKeys.MAX_CONNECTIONS),
                Duration.ofMillis(config.get(BrokerConfigKeys.CONNECTIONS_MAX_IDLE_MS)),
                config.get(BrokerConfigKeys.SOCKET_REQUEST_MAX_BYTES),
                MAX_IN_FLIGHT_REQUESTS,
                MAX_IN_FLIGHT_BYTES);
    }

    /** As without any configuration, but on this address. */
    public static NetworkSettings of(String host, int port) {
        return of(BrokerConfig.defaults()
                .with(BrokerConfigKeys.LISTEN_HOST, host)
                .with(BrokerConfigKeys.LISTEN_PORT, port));
    }
}
