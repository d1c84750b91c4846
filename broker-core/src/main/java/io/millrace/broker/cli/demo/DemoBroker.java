// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The demo's broker, a process of its own that is started again on the same port and data whenever it dies. Safe for any
 * thread.
 */
final class DemoBroker implements AutoCloseable {
    private static final Pattern READY = Pattern.compile("Millrace \\S+ ready: kafka [^ ]*:(\\d+), .*");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path dataDir;
    private final Path log;
    private int port;
    private ChildProcess process;
    private volatile boolean ending;

    /** Starts it on {@code port}; 0 picks a free one, which later starts keep. */
    DemoBroker(Path dataDir, Path log, int port) {
        this.dataDir = dataDir;
        this.log = log;
        this.port = port;
        this.process = launch();
    }

    private synchronized ChildProcess launch() {
        ChildProcess started = ChildProcess.start(
                "broker", command(), log, line -> READY.matcher(line).matches());
        String ready = started.awaitLine(PATIENCE);
        Matcher matcher = READY.matcher(ready);
        if (!matcher.matches()) {
            throw new DemoException("The broker's ready line is not understood: " + ready);
        }
        port = Integer.parseInt(matcher.group(1));
        started.onUnexpectedExit(this::restart);
        return started;
    }

    private synchronized void restart(int exitCode) {
        if (ending) {
            return;
        }
        System.out.printf("The broker ended with code %d; starting it again on the same data.%n", exitCode);
        try {
            process = launch();
            System.out.printf("The broker is back on port %d (process %d).%n", port, process.pid());
        } catch (DemoException e) {
            System.err.println("The broker did not come back: " + e.getMessage());
        }
    }

    private List<String> command() {
        return List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx256m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.millrace.broker.cli.Main",
                "start",
                "--data",
                dataDir.toString(),
                "--port",
                Integer.toString(port));
    }

    synchronized int port() {
        return port;
    }

    synchronized long pid() {
        return process.pid();
    }

    /** kill -9; it comes back by itself. */
    void kill() {
        ChildProcess victim;
        synchronized (this) {
            victim = process;
        }
        victim.kill();
    }

    /** From now on an end is final: Ctrl-C in a terminal reaches the broker as soon as the demo. */
    void expectEnd() {
        ending = true;
    }

    @Override
    public void close() {
        expectEnd();
        ChildProcess last;
        synchronized (this) {
            last = process;
        }
        last.stop();
    }
}
