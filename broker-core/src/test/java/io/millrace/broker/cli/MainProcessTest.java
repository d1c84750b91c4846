// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The command line as its user sees it: one line, exit codes, signals. */
class MainProcessTest {
    @TempDir
    Path directory;

    private BrokerProcess run(String name, String... arguments) throws Exception {
        return new BrokerProcess(directory.resolve(name + ".err"), arguments);
    }

    private BrokerProcess start(String name) throws Exception {
        return run(name, "start", "--data", directory.resolve("data").toString(), "--port", "0");
    }

    private static Admin admin(String port) {
        return Admin.create(Map.of("bootstrap.servers", "127.0.0.1:" + port));
    }

    /** Runs to the end, which must be a failure told in one sentence; returns the sentence. */
    private String refusal(String... arguments) throws Exception {
        try (BrokerProcess process = run("refused", arguments)) {
            int exit = process.awaitExit();
            String errors = process.errors();
            assertEquals(1, exit, errors);
            List<String> lines = errors.lines().toList();
            assertEquals(1, lines.size(), errors);
            return lines.get(0);
        }
    }

    @Test
    void printsOneLineThenStopsCleanlyOnSigterm() throws Exception {
        try (BrokerProcess broker = start("broker")) {
            // Given
            broker.awaitReady();
            // When
            broker.terminate();
            // Then
            assertEquals(0, broker.awaitExit(), broker.errors());
            assertEquals(List.of(), broker.restOfOutput());
        }
    }

    @Test
    void servesItsTopicsAgainAfterKillAndRestart() throws Exception {
        // Given
        try (BrokerProcess killed = start("killed")) {
            try (Admin admin = admin(killed.awaitReady().group(1))) {
                admin.createTopics(List.of(new NewTopic("kept", 3, (short) 1)))
                        .all()
                        .get();
            }
            killed.kill();
        }
        // When
        try (BrokerProcess broker = start("again")) {
            String port = broker.awaitReady().group(1);
            // Then
            try (Admin admin = admin(port)) {
                assertEquals(Set.of("kept"), admin.listTopics().names().get());
            }
        }
    }

    @Test
    void refusesADirectoryInUse() throws Exception {
        try (BrokerProcess holder = start("holder")) {
            // Given
            holder.awaitReady();
            // When
            String message =
                    refusal("start", "--data", directory.resolve("data").toString(), "--port", "0");
            // Then
            assertTrue(message.contains(directory.resolve("data").toString()), message);
        }
    }

    @Test
    void refusesATakenPort() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String port = Integer.toString(taken.getLocalPort());
            // When
            String message = refusal("start", "--data", directory.resolve("d").toString(), "--port", port);
            // Then
            assertTrue(message.contains("127.0.0.1:" + port), message);
        }
    }

    @Test
    void refusesUnknownKeysBadValuesAndUnreadableFiles() throws Exception {
        assertEquals(
                "millrace: Unknown setting 'listen.prot' (option --set): did you mean listen.port?",
                refusal("start", "--set", "listen.prot=1"));
        assertEquals(
                "millrace: Bad value '70000' for listen.port (option --set): allowed is 0 to 65535",
                refusal("start", "--port", "70000"));
        Path missing = directory.resolve("none.properties");
        assertEquals(
                "millrace: There is no configuration file " + missing,
                refusal("start", "--config", missing.toString()));
        Path file = Files.writeString(directory.resolve("a-file"), "");
        assertTrue(refusal("start", "--data", file.toString()).contains(file.toString()));
    }
}
