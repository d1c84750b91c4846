// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import java.time.Duration;

/**
 * What the network server goes by.
 *
 * @param host the address to listen on
 * @param port the port, 0 for any free one
 * @param threads network loops, at least 1
 * @param maxConnections open at one time; further ones are closed at once
 * @param maxIdle a connection on which nothing happens for longer is closed
 * @param maxFrameBytes the largest request
 * @param maxInFlightRequests of one connection; no more is read until some are answered
 * @param maxInFlightBytes of one connection's requests that are not answered yet
 */
public record NetworkSettings(
        String host,
        int port,
        int threads,
        int maxConnections,
        Duration maxIdle,
        int maxFrameBytes,
        int maxInFlightRequests,
        long maxInFlightBytes) {

    /** The defaults of Kafka where it has them; 2,048 requests or 64 MiB in flight on a connection. */
    public static NetworkSettings of(String host, int port) {
        int threads = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
        return new NetworkSettings(
                host, port, threads, 10_000, Duration.ofMinutes(10), 100 * 1024 * 1024, 2_048, 64L << 20);
    }
}
