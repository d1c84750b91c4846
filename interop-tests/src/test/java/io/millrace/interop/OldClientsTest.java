// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.ChildProcess;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's Java client of several years ago, with the libraries of its time, in a process of its own. */
@ExtendWith(Peers.class)
class OldClientsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"2.8.2", "3.0.2"})
    void producesConsumesInAGroupAndCopiesInTransactions(String version, EmbeddedBroker broker)
            throws URISyntaxException {
        Path classes = Path.of(OldClient.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        String jars = Path.of("target", "clients", version).toAbsolutePath() + "/*";
        try (ChildProcess client = ChildProcess.startJava(
                "kafka-clients " + version,
                classes + File.pathSeparator + jars,
                List.of("-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
                OldClient.class.getName(),
                List.of(broker.bootstrapServers(), "old-client-" + version),
                directory.resolve("client.out"))) {
            int exitCode = client.awaitExit(Child.PATIENCE);

            assertEquals(0, exitCode, client.output());
            assertTrue(client.output().contains("read 250, committed 250"), client.output());
            assertTrue(client.output().contains("copied 250 of 250"), client.output());
        }
    }
}
