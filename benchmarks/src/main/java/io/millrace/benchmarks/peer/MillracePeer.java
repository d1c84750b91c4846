// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.peers.Ports;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Millrace by its own launcher, so with its own JVM options and archive of classes, and default settings but for the flush. */
final class MillracePeer implements Peer {
    /** The first start may build the project. */
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    private final PeerKind kind;
    private final Path home;
    private final Path data;
    private final Path log;
    private final List<String> settings;
    private final Map<String, String> environment;
    private final int port = Ports.free();
    private @Nullable ServerProcess process;

    /**
     * @param settings further {@code key=value} settings
     * @param environment for the launcher
     */
    MillracePeer(
            PeerKind kind, Path home, Path data, Path log, List<String> settings, Map<String, String> environment) {
        this.kind = kind;
        this.home = home;
        this.data = data;
        this.log = log;
        this.settings = settings;
        this.environment = environment;
    }

    @Override
    public PeerKind kind() {
        return kind;
    }

    @Override
    public void launch() {
        List<String> command = new ArrayList<>(List.of(
                home.resolve("millrace").toString(),
                "start",
                "--data",
                data.toString(),
                "--port",
                Integer.toString(port)));
        for (String setting : settings) {
            command.add("--set");
            command.add(setting);
        }
        process = ServerProcess.start(kind.title(), command, environment, log, line -> line.contains(" ready: kafka "));
    }

    @Override
    public void awaitReady() {
        running().awaitReady(PATIENCE);
    }

    @Override
    public int port() {
        return port;
    }

    /** The launcher's own: it becomes the JVM. */
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
