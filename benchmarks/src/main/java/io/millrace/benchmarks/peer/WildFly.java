// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.peers.Ports;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A WildFly with the adapter of one broker and the application {@code io.millrace.benchmarks.beans}; all but the adapter is the
 * same for each broker. Not safe for several threads.
 */
public final class WildFly implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final long POLL_NANOS = 50_000_000;
    private static final String WAR = "adapter.war";
    private static final String RESOURCES = "/adapter/";
    /** What bin/standalone.sh adds for a JVM of this version. */
    private static final List<String> MODULE_OPTIONS = List.of(
            "--add-exports=java.desktop/sun.awt=ALL-UNNAMED",
            "--add-exports=java.naming/com.sun.jndi.ldap=ALL-UNNAMED",
            "--add-exports=java.naming/com.sun.jndi.url.ldap=ALL-UNNAMED",
            "--add-exports=java.naming/com.sun.jndi.url.ldaps=ALL-UNNAMED",
            "--add-exports=jdk.naming.dns/com.sun.jndi.dns=ALL-UNNAMED",
            "--add-opens=java.base/java.lang=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.invoke=ALL-UNNAMED",
            "--add-opens=java.base/java.lang.reflect=ALL-UNNAMED",
            "--add-opens=java.base/java.io=ALL-UNNAMED",
            "--add-opens=java.base/java.net=ALL-UNNAMED",
            "--add-opens=java.base/java.security=ALL-UNNAMED",
            "--add-opens=java.base/java.util=ALL-UNNAMED",
            "--add-opens=java.base/java.util.concurrent=ALL-UNNAMED",
            "--add-opens=java.management/javax.management=ALL-UNNAMED",
            "--add-opens=java.naming/javax.naming=ALL-UNNAMED");

    private final Path home;
    private final Path rar;
    private final Path base;
    private final Path log;
    private final Peer broker;
    private final int http = Ports.free();
    private @Nullable ServerProcess process;

    /**
     * @param home its installation, which is not changed
     * @param rar Millrace's adapter
     * @param base its own directory, which it is configured in
     * @param log takes its output
     * @param broker whose adapter it has
     */
    WildFly(Path home, Path rar, Path base, Path log, Peer broker) {
        this.home = home;
        this.rar = rar;
        this.base = base;
        this.log = log;
        this.broker = broker;
    }

    /** Configures it, starts it and deploys the application; blocks until that is done. */
    public void start() {
        try {
            Directories.delete(base); // what an interrupted run has left
            copyTree(home.resolve("standalone"), base);
            configure();
            Path deployments = base.resolve("deployments");
            if (broker.kind().isMillrace()) {
                Files.copy(rar, deployments.resolve("millrace.rar"));
            }
            launch();
            BeansArchive.write(base.resolve(WAR), RESOURCES + "WEB-INF/jboss-ejb3.xml");
            Files.move(base.resolve(WAR), deployments.resolve(WAR));
            awaitDeployed(deployments);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot prepare WildFly in " + base, e);
        }
    }

    private void configure() throws IOException {
        String own = broker.kind().isMillrace() ? "millrace.cli" : "artemis.cli";
        Path script = base.resolve("adapter.cli");
        Files.writeString(
                script, "embed-server --server-config=standalone.xml\n" + resource("server.cli") + resource(own));
        List<String> command = java();
        command.addAll(List.of(
                "-jar",
                home.resolve("jboss-modules.jar").toString(),
                "-mp",
                home.resolve("modules").toString(),
                "org.jboss.as.cli",
                "--file=" + script));
        Path output = base.resolve("adapter-cli.log");
        try (ServerProcess cli = ServerProcess.start("WildFly's CLI", command, environment(), output, line -> false)) {
            if (cli.awaitExit(PATIENCE) != 0) {
                throw new BenchmarkException("WildFly was not configured; see " + output);
            }
        }
    }

    private static String resource(String name) throws IOException {
        try (InputStream stream = WildFly.class.getResourceAsStream(RESOURCES + name)) {
            if (stream == null) {
                throw new IllegalStateException("This program has no resource " + name);
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private Map<String, String> environment() {
        return Map.of("JBOSS_HOME", home.toString());
    }

    private List<String> java() {
        return new ArrayList<>(List.of(
                ProcessPeer.java(),
                "-Xms64m",
                "-Xmx512m",
                "-Djboss.home.dir=" + home,
                "-Djboss.server.base.dir=" + base));
    }

    private void launch() {
        List<String> command = java();
        command.addAll(MODULE_OPTIONS);
        command.addAll(List.of(
                "-Djava.net.preferIPv4Stack=true",
                "-Djboss.modules.system.pkgs=org.jboss.byteman",
                "-Djboss.http.port=" + http,
                "-Djboss.https.port=" + Ports.free(),
                "-Djboss.management.http.port=" + Ports.free(),
                "-Dmillrace.bench.broker=" + broker.port(),
                "-jar",
                home.resolve("jboss-modules.jar").toString(),
                "-mp",
                home.resolve("modules").toString(),
                "org.jboss.as.standalone",
                "-b=127.0.0.1",
                "-bmanagement=127.0.0.1"));
        // Codes of the line that says that the server is up, with or without errors.
        ServerProcess started = ServerProcess.start(
                title(),
                command,
                environment(),
                log,
                line -> line.contains("WFLYSRV0025") || line.contains("WFLYSRV0026"));
        process = started;
        started.awaitReady(PATIENCE);
    }

    private String title() {
        return "WildFly for " + broker.kind().title();
    }

    private void awaitDeployed(Path deployments) throws IOException {
        Path failed = deployments.resolve(WAR + ".failed");
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (Files.notExists(deployments.resolve(WAR + ".deployed"))) {
            if (Files.exists(failed)) {
                throw new BenchmarkException(title() + " does not take the application: " + Files.readString(failed));
            }
            if (System.nanoTime() > end) {
                throw new BenchmarkException(title() + " does not deploy the application; see " + log);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** What answers for the application on loopback. */
    public int port() {
        return http;
    }

    /** The server's process. */
    public long pid() {
        if (process == null) {
            throw new IllegalStateException(title() + " does not run");
        }
        return process.pid();
    }

    private static void copyTree(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    /** Stops it and deletes its directory. */
    @Override
    public void close() {
        if (process != null) {
            process.close();
            process = null;
        }
        Directories.delete(base);
    }
}
