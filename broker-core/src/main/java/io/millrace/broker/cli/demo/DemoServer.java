// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The demo's Payara Micro with the resource adapter and the sample, a process of its own that is started again on its files
 * whenever it dies. Safe for any thread.
 */
final class DemoServer implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);

    private final DemoFiles files;
    private final Path rootDir;
    private final Path log;
    private final int httpPort;
    private final int brokerPort;
    private ChildProcess process;
    private volatile boolean ending;

    /** Starts it; {@link #awaitReady()} tells when the sample is deployed. */
    DemoServer(DemoFiles files, Path rootDir, Path log, int httpPort, int brokerPort) throws IOException {
        this.files = files;
        this.rootDir = rootDir;
        this.log = log;
        this.httpPort = httpPort;
        this.brokerPort = brokerPort;
        // The server remembers what was deployed on its files.
        boolean isNew = !Files.exists(rootDir);
        Files.createDirectories(rootDir);
        // Without this the server leaves what was in doubt when it died to an administrator.
        Files.writeString(preBoot(), "set configs.config.server-config.transaction-service.automatic-recovery=true\n");
        process = launch(isNew ? deployments() : List.of());
    }

    private Path preBoot() {
        return rootDir.resolve("millrace-pre-boot.asadmin");
    }

    private List<String> deployments() {
        return List.of(
                "--deploy",
                files.adapter().toString(),
                "--deploy",
                files.sample().toString());
    }

    private ChildProcess launch(List<String> deployments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "--add-opens=java.base/jdk.internal.loader=ALL-UNNAMED",
                "--add-opens=java.base/java.lang=ALL-UNNAMED",
                "-Dmillrace.url=millrace://127.0.0.1:" + brokerPort,
                "-Dderby.stream.error.file=" + rootDir.resolve("derby.log"),
                "-jar",
                files.payaraMicro().toString(),
                "--nocluster",
                "--addLibs",
                files.database().toString(),
                "--rootdir",
                rootDir.toString(),
                "--prebootcommandfile",
                preBoot().toString(),
                "--port",
                Integer.toString(httpPort)));
        command.addAll(deployments);
        return ChildProcess.start("application server", command, log, line -> line.contains("ready in "));
    }

    private void restart(int exitCode) {
        if (ending) {
            return;
        }
        System.out.printf(
                "The application server ended with code %d; starting it again on the same files.%n", exitCode);
        try {
            synchronized (this) {
                process = launch(List.of());
            }
            awaitReady();
            System.out.println("The application server is back.");
        } catch (DemoException e) {
            System.err.println("The application server did not come back: " + e.getMessage());
        }
    }

    private synchronized ChildProcess process() {
        return process;
    }

    void awaitReady() {
        ChildProcess started = process();
        started.awaitLine(PATIENCE);
        // Only now: a server that does not even start is not started over and over.
        started.onUnexpectedExit(this::restart);
    }

    /** kill -9; it comes back by itself. */
    void kill() {
        process().kill();
    }

    /** From now on an end is final: Ctrl-C in a terminal reaches the server as soon as the demo. */
    void expectEnd() {
        ending = true;
    }

    @Override
    public void close() {
        expectEnd();
        process().stop();
    }
}
