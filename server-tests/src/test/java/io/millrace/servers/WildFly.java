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

/** WildFly with the adapter beside the application, both in the deployment directory. */
final class WildFly implements AppServer {
    private static final String VERSION = System.getProperty("millrace.servers.wildfly");
    static final String NAME = "WildFly " + VERSION;
    private static final Path HOME = Environment.TARGET.resolve("servers/wildfly-" + VERSION);
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String RAR = "millrace.rar";
    private static final String WAR = "servers-app.war";
    /** The socket bindings of standalone.xml; the offset moves them all. */
    private static final int[] PORTS = {8080, 8443, 8009, 9990, 9993, 4712, 4713};

    private static final int HTTP = 8080;

    private final Environment environment;
    private final Path base;
    private final Path deployments;
    private final int offset = Ports.freeOffset(PORTS);
    private int starts;
    private ChildProcess process;

    WildFly(Environment environment) {
        this.environment = environment;
        this.base = environment.directory().resolve("standalone");
        this.deployments = base.resolve("deployments");
        Archives.copyTree(HOME.resolve("standalone"), base);
        configure();
    }

    private void configure() {
        List<String> command = java();
        command.addAll(List.of(
                "-jar",
                HOME.resolve("jboss-modules.jar").toString(),
                "-mp",
                HOME.resolve("modules").toString(),
                "org.jboss.as.cli"));
        command.add("--file="
                + Archives.descriptors("wildfly").resolve("millrace.cli").toAbsolutePath());
        run("configure WildFly", command);
    }

    private void run(String name, List<String> command) {
        try (ChildProcess child = start(name, command)) {
            if (child.awaitExit(PATIENCE) != 0) {
                throw new IllegalStateException(name + " failed:\n" + child.output());
            }
        }
    }

    private ChildProcess start(String name, List<String> command) {
        Path output = environment.logs().resolve("wildfly-" + starts++ + ".log");
        return ChildProcess.start(name, command, Map.of("JBOSS_HOME", HOME.toString()), output, Path.of("/dev/null"));
    }

    private List<String> java() {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of(
                "-Xmx512m", "-XX:TieredStopAtLevel=1", "-Djboss.home.dir=" + HOME, "-Djboss.server.base.dir=" + base));
        return command;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public void start() {
        List<String> command = java();
        command.addAll(environment.systemProperties());
        // What bin/standalone.sh adds for a JVM of this version.
        command.addAll(List.of(
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
                "--add-opens=java.naming/javax.naming=ALL-UNNAMED",
                "-Djava.net.preferIPv4Stack=true",
                "-Djboss.modules.system.pkgs=org.jboss.byteman",
                // Recovery every other minute is right for a server and long for a test.
                "-DRecoveryEnvironmentBean.periodicRecoveryPeriod=3",
                "-DRecoveryEnvironmentBean.recoveryBackoffPeriod=1",
                "-jar",
                HOME.resolve("jboss-modules.jar").toString(),
                "-mp",
                HOME.resolve("modules").toString(),
                "org.jboss.as.standalone",
                "-b=127.0.0.1",
                "-bmanagement=127.0.0.1",
                "-Djboss.socket.binding.port-offset=" + offset));
        process = start("WildFly", command);
        // Code of the line that says that the server is up, with or without errors.
        process.awaitOutput(output -> output.contains("WFLYSRV0025") || output.contains("WFLYSRV0026"), PATIENCE);
    }

    @Override
    public void deploy() {
        try {
            if (Files.notExists(deployments.resolve(RAR))) {
                Files.copy(Environment.ADAPTER, deployments.resolve(RAR));
                awaitMarker(RAR, ".deployed");
            }
            Path war = environment.directory().resolve(WAR);
            Archives.war("wildfly", war);
            Files.move(war, deployments.resolve(WAR));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitMarker(WAR, ".deployed");
    }

    private void awaitMarker(String archive, String marker) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).until(() -> {
            if (Files.exists(deployments.resolve(archive + ".failed"))) {
                throw new IllegalStateException(
                        archive + " was not deployed: " + Files.readString(deployments.resolve(archive + ".failed")));
            }
            return Files.exists(deployments.resolve(archive + marker));
        });
    }

    @Override
    public void undeploy() {
        try {
            Files.delete(deployments.resolve(WAR));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        awaitMarker(WAR, ".undeployed");
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public URI application() {
        return URI.create("http://127.0.0.1:" + (HTTP + offset) + "/servers-app/");
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
