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

/** Clients written in JavaScript and the Node.js that runs them, of the versions that {@code package.json} names. */
@Tag("heavy")
@ExtendWith(Peers.class)
class NodeClientsTest {
    private static final Path SCRIPTS = Path.of("src", "test", "js");
    private static final Path INSTALLED = Path.of("target", "js").toAbsolutePath();

    private static final Path NODE = INSTALLED.resolve(Path.of("node_modules", "node", "bin", "node"));

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
        String output = Child.run(
                directory,
                "",
                List.of(
                        NODE.toString(),
                        INSTALLED.resolve(client + ".mjs").toString(),
                        broker.bootstrapServers(),
                        "node-" + client));

        assertTrue(output.contains("read 100, committed 100"), output);
    }
}
