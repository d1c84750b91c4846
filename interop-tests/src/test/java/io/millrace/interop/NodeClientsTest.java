// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.broker.server.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients written in JavaScript, of the versions that {@code package.json} names. */
@Tag("heavy")
@ExtendWith(Peers.class)
class NodeClientsTest {
    private static final Path SCRIPTS = Path.of("src", "test", "js");
    private static final Path INSTALLED = Path.of("target", "js").toAbsolutePath();

    @TempDir
    static Path directory;

    @BeforeAll
    static void install() throws IOException {
        assumeTrue(Child.isInstalled("node") && Child.isInstalled("npm"), "node and npm are not installed");
        Files.createDirectories(INSTALLED);
        for (String file : List.of("package.json", "kafkajs.mjs", "platformatic.mjs")) {
            Files.copy(SCRIPTS.resolve(file), INSTALLED.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Child.run(
                directory,
                "",
                List.of("npm", "install", "--prefix", INSTALLED.toString(), "--no-audit", "--no-fund", "--no-save"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"kafkajs", "platformatic"})
    void producesAndConsumesInAGroup(String client, EmbeddedBroker broker) throws IOException {
        assumeTrue(!client.equals("platformatic") || nodeVersion() >= 22, "@platformatic/kafka needs Node.js 22");
        String output = Child.run(
                directory,
                "",
                List.of(
                        "node",
                        INSTALLED.resolve(client + ".mjs").toString(),
                        broker.bootstrapServers(),
                        "node-" + client));

        assertTrue(output.contains("read 100, committed 100"), output);
    }

    private static int nodeVersion() throws IOException {
        String version = Child.run(directory, "", List.of("node", "--version"));
        return Integer.parseInt(version.substring(1, version.indexOf('.')));
    }
}
