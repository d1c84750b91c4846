// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.awaitility.Awaitility.await;

import io.millrace.peers.ChildProcess;
import io.millrace.peers.Ports;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Open Liberty with the adapter named in server.xml and the application in the directory that it watches. */
final class OpenLiberty implements AppServer {
    private static final String VERSION = System.getProperty("millrace.servers.openliberty");
    static final String NAME = "Open Liberty " + VERSION;
    private static final Path HOME = Environment.TARGET.resolve("servers/wlp");
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String SERVER = "millrace";
    private static final String WAR = "servers-app.war";
    private static final String STARTED = "CWWKZ0001I";
    private static final String STOPPED = "CWWKZ0009I";

    private final Environment environment;
    private final Path server;
    private final int http = Ports.free();
    private int starts;
    private ChildProcess process;

    OpenLiberty(Environment environment) {
        this.environment = environment;
        this.server = environment.directory().resolve("usr/servers").resolve(SERVER);
        try {
            Files.createDirectories(server.resolve("dropins"));
            Files.copy(Archives.descriptors("openliberty").resolve("server.xml"), server.resolve("server.xml"));
            Files.copy(Environment.ADAPTER, server.resolve("millrace.rar"));
            Files.writeString(server.resolve("bootstrap.properties"), "http.port=" + http + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public String name() {
        return NAME;
    }

    /** What {@code bin/server run} starts. */
    @Override
    public void start() {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "@" + HOME.resolve("lib/platform/java/java9.options"),
                "-javaagent:" + HOME.resolve("bin/tools/ws-javaagent.jar")));
        command.addAll(environment.systemProperties());
        command.addAll(List.of("-jar", HOME.resolve("bin/tools/ws-server.jar").toString(), SERVER));
        process = ChildProcess.start(
                "Open Liberty",
                command,
                Map.of("WLP_USER_DIR", environment.directory().resolve("usr").toString()),
                environment.logs().resolve("openliberty-" + starts++ + ".log"),
                Path.of("/dev/null"));
        process.awaitOutput(output -> output.contains("CWWKF0011I"), PATIENCE);
    }

    @Override
    public void deploy() {
        long before = count(STARTED);
        Path war = environment.directory().resolve(WAR);
        Archives.war("openliberty", war);
        try {
            Files.move(war, dropped());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> count(STARTED) > before);
    }

    @Override
    public void undeploy() {
        long before = count(STOPPED);
        try {
            Files.delete(dropped());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> count(STOPPED) > before);
    }

    private Path dropped() {
        return server.resolve("dropins").resolve(WAR);
    }

    /** How many lines of the log have a code of the server and name the application. */
    private long count(String code) {
        return log().lines()
                .filter(line -> line.contains(code) && line.contains("servers-app"))
                .count();
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public URI application() {
        return URI.create("http://127.0.0.1:" + http + "/servers-app/");
    }

    @Override
    public String log() {
        return process == null ? "" : process.output();
    }

    @Override
    public void close() {
        if (process != null) {
            process.kill();
        }
    }
}
