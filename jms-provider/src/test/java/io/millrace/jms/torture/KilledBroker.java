// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.torture;

import java.io.IOException;
import java.net.BindException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/** A broker as a process of its own, on a directory and a port that outlive it. */
final class KilledBroker implements AutoCloseable {
    private static final long PATIENCE_S = 120;
    private static final int LEAST_PORT = 20_000;
    private static final int PORTS = 10_000;

    private final Path directory;
    private final int number;
    private final int port;
    private final Map<String, String> settings;
    private List<String> memory = List.of("-Xmx256m");
    private int starts;
    private Process process;

    KilledBroker(Path directory, int number, int port) {
        this(directory, number, port, Map.of());
    }

    /** @param settings more of them */
    KilledBroker(Path directory, int number, int port, Map<String, String> settings) {
        this.directory = directory;
        this.number = number;
        this.port = port;
        this.settings = settings;
    }

    /** How much it may have, as options of the virtual machine; from its next start on. */
    KilledBroker withMemory(String... options) {
        memory = List.of(options);
        return this;
    }

    /**
     * A free port below those that systems give to outgoing connections: while the broker is down, a client that connects
     * to a port of these may be given that very port, and be connected to itself.
     */
    static int freePort() throws IOException {
        Random random = new Random();
        while (true) {
            int port = LEAST_PORT + random.nextInt(PORTS);
            try (ServerSocket free = new ServerSocket(port)) {
                return free.getLocalPort();
            } catch (BindException taken) {
                // Another one.
            }
        }
    }

    /** Returns once it serves. */
    void start() throws IOException {
        Path errors = directory.resolve("broker-" + number + "-" + starts++ + ".err");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-cp",
                System.getProperty("java.class.path"),
                "io.millrace.broker.cli.Main",
                "start",
                "--data",
                directory.resolve("data-" + number).toString(),
                "--port",
                Integer.toString(port),
                "--set",
                "jms.max.deliveries=-1"));
        command.addAll(1, memory);
        settings.forEach((key, value) -> command.addAll(List.of("--set", key + "=" + value)));
        process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
        String line = process.inputReader().readLine();
        if (line == null || !line.contains(" ready: ")) {
            throw new AssertionError("not a ready line: " + line + "\n" + Files.readString(errors));
        }
    }

    /** SIGKILL. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        if (!process.waitFor(PATIENCE_S, TimeUnit.SECONDS)) {
            throw new AssertionError("a killed broker still runs");
        }
    }

    String url() {
        return url(port);
    }

    int port() {
        return port;
    }

    /** Through something at another port. */
    static String url(int port) {
        return "millrace://127.0.0.1:" + port + "?reconnectTimeoutMs=30000";
    }

    @Override
    public void close() {
        if (process != null) {
            process.destroyForcibly();
        }
    }
}
