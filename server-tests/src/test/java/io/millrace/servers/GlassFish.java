// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

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
import java.util.regex.Pattern;

/** GlassFish or Payara Server, each with a domain of its own. */
final class GlassFish implements AppServer {
    private static final Duration PATIENCE = Duration.ofSeconds(150);
    private static final String DOMAIN = "millrace";
    private static final String APPLICATION = "servers-app";
    /** What create-domain adds to its port base: administration, HTTP and the others that it opens. */
    private static final int[] PORTS = {9, 37, 38, 39, 48, 49, 59, 66, 76, 80, 81, 86, 7676};

    private static final int ADMIN = 48;
    private static final int HTTP = 80;
    private static final Pattern STARTED = Pattern.compile(" startup time ?: ");
    private static final Path NOTHING = Path.of("/dev/null");

    private final Product product;
    private final Environment environment;
    private final int portBase = Ports.freeOffset(PORTS);
    private int runs;
    private ChildProcess process;

    /**
     * One of the two.
     *
     * @param name with the version
     * @param home where Maven unpacked it
     * @param descriptors where its files are
     * @param ear whether the application is an EAR with the adapter inside, or a WAR beside the adapter
     */
    record Product(String name, String home, String descriptors, boolean ear) {
        static final Product PAYARA = new Product(
                "Payara Server " + System.getProperty("millrace.servers.payara"), "payara6", "payara", true);
        static final Product GLASSFISH = new Product(
                "GlassFish " + System.getProperty("millrace.servers.glassfish"), "glassfish7", "glassfish", false);
    }

    GlassFish(Product product, Environment environment) {
        this.product = product;
        this.environment = environment;
        admin(
                "create-domain",
                "--nopassword",
                "--savelogin=false",
                "--domaindir",
                domains(),
                "--portbase",
                Integer.toString(portBase),
                DOMAIN);
        Path domain = environment.directory().resolve("domains").resolve(DOMAIN);
        keepToLoopback(domain.resolve("config/domain.xml"));
        createTransactionLog(domain);
    }

    /** GlassFish recovers nothing when this directory is missing, and makes it no sooner than it logs a decision. */
    private static void createTransactionLog(Path domain) {
        try {
            Files.createDirectories(domain.resolve("logs/server/tx"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Every listener, but for that of GlassFish's own JMS; without Payara's data grid, which would look for others. */
    private static void keepToLoopback(Path domain) {
        try {
            Files.writeString(
                    domain,
                    Files.readString(domain)
                            .replace("address=\"0.0.0.0\"", "address=\"127.0.0.1\"")
                            .replace("<network-listener port=", "<network-listener address=\"127.0.0.1\" port=")
                            .replace(
                                    "<hazelcast-config-specific-configuration",
                                    "<hazelcast-config-specific-configuration enabled=\"false\""));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path home() {
        return Environment.TARGET.resolve("servers").resolve(product.home());
    }

    private String domains() {
        return environment.directory().resolve("domains").toString();
    }

    private static String java() {
        return Path.of(System.getProperty("java.home"), "bin", "java").toString();
    }

    /** Runs a command of asadmin; its output. */
    private String admin(String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                java(),
                "-XX:TieredStopAtLevel=1",
                "-jar",
                home().resolve("glassfish/lib/client/appserver-cli.jar").toString(),
                "--port",
                Integer.toString(portBase + ADMIN)));
        command.addAll(List.of(arguments));
        try (ChildProcess child = start("asadmin", command)) {
            int exit = child.awaitExit(PATIENCE);
            if (exit != 0) {
                throw new IllegalStateException(
                        "asadmin " + String.join(" ", arguments) + " failed:\n" + child.output() + "\n" + log());
            }
            return child.output();
        }
    }

    private ChildProcess start(String name, List<String> command) {
        Path output = environment.logs().resolve("run-" + runs++ + "-" + name + ".log");
        return ChildProcess.start(name, command, Map.of(), output, NOTHING);
    }

    @Override
    public String name() {
        return product.name();
    }

    /** As {@code start-domain} does it, but as a child of this process, so that it can be killed by its id. */
    @Override
    public void start() {
        boolean first = process == null;
        List<String> command = new ArrayList<>(admin("start-domain", "--domaindir", domains(), "--dry-run", DOMAIN)
                .lines()
                .dropWhile(line -> !line.endsWith("/bin/java"))
                .takeWhile(line -> !line.startsWith("Command start-domain"))
                .toList());
        command.addAll(1, environment.systemProperties());
        command.add(1, "-XX:TieredStopAtLevel=1");
        // Its recovery looks at the database of its samples as well.
        command.add(1, "-Dderby.stream.error.file=" + environment.logs().resolve("derby.log"));
        process = start(product.name(), command);
        process.awaitOutput(output -> STARTED.matcher(output).find(), PATIENCE);
        if (first) {
            configure();
        }
    }

    private void configure() {
        if (!product.ear()) {
            admin("deploy", Environment.ADAPTER.toString());
        }
        Path script = Archives.descriptors(product.descriptors()).resolve("millrace.asadmin");
        admin("multimode", "--file", script.toAbsolutePath().toString());
    }

    @Override
    public void deploy() {
        Path archive = environment.directory().resolve(APPLICATION + (product.ear() ? ".ear" : ".war"));
        if (Files.notExists(archive)) {
            if (product.ear()) {
                Archives.ear(product.descriptors(), archive);
            } else {
                Archives.war(product.descriptors(), archive);
            }
        }
        admin("deploy", "--name", APPLICATION, archive.toString());
    }

    @Override
    public void undeploy() {
        admin("undeploy", APPLICATION);
    }

    @Override
    public void kill() {
        process.kill();
    }

    @Override
    public URI application() {
        return URI.create("http://127.0.0.1:" + (portBase + HTTP) + "/" + APPLICATION + "/");
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
