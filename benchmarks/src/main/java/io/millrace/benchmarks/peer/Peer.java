// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

/** A server under measurement, with a data directory and a port of its own. Not safe for several threads. */
public interface Peer extends AutoCloseable {
    PeerKind kind();

    /** Starts the process and returns at once; {@link #awaitReady} or a client's first success tell when it serves. */
    void launch();

    /** Blocks until the server says that it serves. */
    void awaitReady();

    /** Where it listens on loopback; the same for its whole life. */
    int port();

    /** The process that does the work. */
    long pid();

    /** SIGKILL; the data stays and {@link #launch} starts on it again. */
    void kill();

    /** Orderly stop; the data stays. Idempotent. */
    void stop();

    /** {@link #stop}, and the data is deleted. */
    @Override
    void close();

    /** {@link #launch} and {@link #awaitReady}. */
    default void start() {
        launch();
        awaitReady();
    }

    default String bootstrap() {
        return "127.0.0.1:" + port();
    }
}
