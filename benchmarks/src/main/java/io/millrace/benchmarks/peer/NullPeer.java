// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.peers.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The null broker in a JVM with the launcher's options. */
final class NullPeer implements Peer {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path log;
    private final int port = Ports.free();
    private @Nullable ServerProcess process;

    NullPeer(Path log) {
        this.log = log;
    }

    @Override
    public PeerKind kind() {
        return PeerKind.NULL_BROKER;
    }

    @Override
    public void launch() {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms32m",
                "-Xmx512m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.millrace.benchmarks.nullbroker.NullBroker",
                Integer.toString(port));
        process = ServerProcess.start(kind().title(), command, Map.of(), log, line -> line.contains("ready"));
    }

    @Override
    public void awaitReady() {
        running().awaitReady(PATIENCE);
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
    }

    private ServerProcess running() {
        if (process == null) {
            throw new IllegalStateException("the null broker does not run");
        }
        return process;
    }
}
