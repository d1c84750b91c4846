// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.peers.Ports;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** A JMS broker that serves once a JMS client gets a connection. Not safe for several threads. */
abstract class ProcessPeer implements Peer {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final long PAUSE_NANOS = 20_000_000;

    private final PeerKind kind;
    private final Path data;
    private final Path log;
    private final int port = Ports.free();
    private @Nullable ServerProcess process;

    ProcessPeer(PeerKind kind, Path data, Path log) {
        this.kind = kind;
        this.data = data;
        this.log = log;
    }

    /** The whole command line. */
    abstract List<String> command();

    static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    @Override
    public PeerKind kind() {
        return kind;
    }

    @Override
    public void launch() {
        process = ServerProcess.start(kind.title(), command(), Map.of(), log, line -> false);
    }

    @Override
    public void awaitReady() {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try {
                // First the bare port: a client tells of each refusal, at length.
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                try (Connection connection = JmsClients.factory(this).createConnection()) {
                    connection.start();
                }
                return;
            } catch (IOException | JMSException e) {
                if (!running().isAlive() || System.nanoTime() > end) {
                    throw new BenchmarkException(kind.title() + " does not serve; see " + log, e);
                }
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public long pid() {
        return running().pid();
    }

    @Override
    public void kill() {
        running().kill();
        process = null;
    }

    @Override
    public void stop() {
        if (process != null) {
            process.close();
            process = null;
        }
    }

    @Override
    public void close() {
        stop();
        Directories.delete(data);
    }

    private ServerProcess running() {
        if (process == null) {
            throw new IllegalStateException(kind.title() + " does not run");
        }
        return process;
    }
}
