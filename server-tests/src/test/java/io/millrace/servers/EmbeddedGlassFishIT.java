// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.peers.ChildProcess;
import io.millrace.peers.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Embedded GlassFish, a JVM of its own that runs commands, takes the adapter and pings a pool with XA transactions. */
class EmbeddedGlassFishIT {
    private static final Path GLASSFISH = Environment.TARGET.resolve("servers/glassfish-embedded-all.jar");
    private static final Pattern SUCCESS = Pattern.compile(": SUCCESS: ");
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    @TempDir
    private Path directory;

    @Test
    void deploysTheAdapterAndPingsAnXaPoolOfARunningBroker() throws IOException {
        try (Broker broker = new Broker(directory.resolve("data"), logs())) {
            broker.start();

            String output = run("ping", broker.url());

            assertEquals(4, SUCCESS.matcher(output).results().count(), output);
        }
    }

    @Test
    void thePingFailsWithoutABroker() throws IOException {
        String nobody = "millrace://127.0.0.1:" + Ports.free();

        String output = run("ping-nobody", nobody);

        assertEquals(3, SUCCESS.matcher(output).results().count(), output);
        assertTrue(output.contains("SEVERE: No connection to " + nobody), output);
    }

    private static Path logs() throws IOException {
        return Files.createDirectories(Environment.TARGET.resolve("server-logs/EmbeddedGlassFishIT"));
    }

    /** Runs four commands, the last is the ping; what it prints. */
    private static String run(String name, String url) throws IOException {
        List<String> command = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:TieredStopAtLevel=1",
                "-Duser.language=en",
                "-Dmillrace.url=" + url,
                "-jar",
                GLASSFISH.toString(),
                "--noListener",
                "--stop",
                "deploy --name millrace " + Environment.ADAPTER,
                "create-connector-connection-pool --raname millrace --connectiondefinition jakarta.jms.ConnectionFactory"
                        + " --transactionsupport XATransaction jms/pool",
                "create-connector-resource --poolname jms/pool jms/cf",
                "ping-connection-pool jms/pool");
        Path output = logs().resolve(name + ".log");
        try (ChildProcess process =
                ChildProcess.start("embedded GlassFish", command, Map.of(), output, Path.of("/dev/null"))) {
            process.awaitExit(PATIENCE);
            return process.output();
        }
    }
}
