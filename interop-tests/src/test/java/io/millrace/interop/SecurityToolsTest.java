// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.KafkaTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands of {@code docs/security.md}, against a broker that asks for a password and goes by access rules. */
class SecurityToolsTest {
    private static final String ACLS = "org.apache.kafka.tools.AclCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";
    private static final String TOPICS = "org.apache.kafka.tools.TopicCommand";

    @TempDir
    static Path directory;

    private static EmbeddedBroker broker;
    private static Path admin;
    private static Path bob;

    @BeforeAll
    static void start() throws IOException {
        Path users =
                Files.writeString(directory.resolve("users.properties"), "admin = admin-secret\nbob = bob-secret\n");
        broker = EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("authorizer", "acl")
                .set("super.users", "User:admin")
                .start();
        admin = client("admin", "admin-secret");
        bob = client("bob", "bob-secret");
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aUserIsMadeShownAndRemoved() throws IOException {
        // When
        configs(
                "--alter",
                "--entity-type",
                "users",
                "--entity-name",
                "alice",
                "--add-config",
                "SCRAM-SHA-512=[password=alice-secret]");
        String described = configs("--describe", "--entity-type", "users");
        KafkaTool.Result asAlice = as(client("alice", "alice-secret"), TOPICS, "--list");
        configs("--alter", "--entity-type", "users", "--entity-name", "alice", "--delete-config", "SCRAM-SHA-512");
        String removed = configs("--describe", "--entity-type", "users");

        // Then
        assertTrue(described.contains("'alice' are SCRAM-SHA-512=iterations=4096"), described);
        assertEquals(0, asAlice.exitCode(), asAlice.output());
        assertFalse(removed.contains("alice"), removed);
    }

    @Test
    void quotasAreSetShownAndRemoved() {
        // When
        configs(
                "--alter",
                "--entity-type",
                "clients",
                "--entity-name",
                "bulk",
                "--add-config",
                "producer_byte_rate=1048576,consumer_byte_rate=2097152,request_percentage=50");
        configs(
                "--alter",
                "--entity-type",
                "users",
                "--entity-name",
                "bob",
                "--entity-type",
                "clients",
                "--entity-default",
                "--add-config",
                "producer_byte_rate=5000");
        String clients = configs("--describe", "--entity-type", "clients");
        String both = configs("--describe", "--entity-type", "users", "--entity-type", "clients");
        configs(
                "--alter",
                "--entity-type",
                "clients",
                "--entity-name",
                "bulk",
                "--delete-config",
                "producer_byte_rate");
        String after = configs("--describe", "--entity-type", "clients");

        // Then
        assertTrue(clients.contains("client-id 'bulk'"), clients);
        assertTrue(clients.contains("producer_byte_rate=1048576.0"), clients);
        assertTrue(clients.contains("request_percentage=50.0"), clients);
        assertTrue(both.contains("user-principal 'bob', the default client-id"), both);
        assertFalse(after.contains("producer_byte_rate"), after);
        assertTrue(after.contains("consumer_byte_rate=2097152.0"), after);
    }

    @Test
    void accessIsGivenShownUsedAndTakenAway() {
        // Given
        KafkaTool.Result before = as(bob, TOPICS, "--create", "--topic", "bobs-orders");

        // When
        as(
                        admin,
                        ACLS,
                        "--add",
                        "--allow-principal",
                        "User:bob",
                        "--operation",
                        "All",
                        "--topic",
                        "bobs-",
                        "--resource-pattern-type",
                        "prefixed",
                        "--force")
                .successful();
        String listed = as(admin, ACLS, "--list", "--principal", "User:bob").successful();
        KafkaTool.Result created = as(bob, TOPICS, "--create", "--topic", "bobs-orders");
        KafkaTool.Result others = as(bob, TOPICS, "--create", "--topic", "orders");
        as(
                        admin,
                        ACLS,
                        "--remove",
                        "--allow-principal",
                        "User:bob",
                        "--operation",
                        "All",
                        "--topic",
                        "bobs-",
                        "--resource-pattern-type",
                        "prefixed",
                        "--force")
                .successful();
        KafkaTool.Result after = as(bob, TOPICS, "--describe", "--topic", "bobs-orders");

        // Then
        assertTrue(before.output().contains("TopicAuthorizationException"), before.output());
        assertTrue(listed.contains("principal=User:bob, host=*, operation=ALL, permissionType=ALLOW"), listed);
        assertEquals(0, created.exitCode(), created.output());
        assertTrue(others.output().contains("TopicAuthorizationException"), others.output());
        assertNotEquals(0, after.exitCode(), after.output());
    }

    private static String configs(String... arguments) {
        return as(admin, CONFIGS, arguments).successful();
    }

    private static KafkaTool.Result as(Path client, String mainClass, String... arguments) {
        return Child.toolResult(
                broker,
                mainClass,
                Stream.concat(Stream.of("--command-config", client.toString()), Stream.of(arguments))
                        .toArray(String[]::new));
    }

    private static Path client(String user, String password) throws IOException {
        return Files.write(
                directory.resolve(user + ".properties"),
                List.of(
                        "security.protocol=SASL_PLAINTEXT",
                        "sasl.mechanism=SCRAM-SHA-512",
                        "sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required username=\""
                                + user + "\" password=\"" + password + "\";"));
    }
}
