// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.KafkaTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Kafka's {@code kafka-consumer-groups}. */
@ExtendWith(Peers.class)
class GroupToolsTest {
    private static final String GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";

    @Test
    void aGroupIsListedDescribedResetAndDeleted(EmbeddedBroker broker) {
        // Given
        Clients.produce(broker.bootstrapServers(), "tools-group", 10);
        Clients.consume(broker.bootstrapServers(), "tools-group", "tools-readers", 10);

        // When
        String listed = groups(broker, "--list");
        String described = groups(broker, "--describe", "--group", "tools-readers");
        String state = groups(broker, "--describe", "--state", "--group", "tools-readers");
        groups(
                broker,
                "--reset-offsets",
                "--to-offset",
                "3",
                "--topic",
                "tools-group",
                "--group",
                "tools-readers",
                "--execute");
        String reset = groups(broker, "--describe", "--group", "tools-readers");
        groups(broker, "--delete", "--group", "tools-readers");
        String after = groups(broker, "--list");

        // Then
        assertTrue(listed.lines().anyMatch("tools-readers"::equals), listed);
        assertTrue(columns(described).contains("tools-readers tools-group 0 10 10 0"), described);
        assertTrue(state.contains("Empty"), state);
        assertTrue(columns(reset).contains("tools-readers tools-group 0 3 10 7"), reset);
        assertFalse(after.lines().anyMatch("tools-readers"::equals), after);
    }

    @Test
    void anOffsetIsDeleted(EmbeddedBroker broker) {
        Clients.produce(broker.bootstrapServers(), "tools-offsets", 5);
        Clients.consume(broker.bootstrapServers(), "tools-offsets", "tools-forgetful", 5);

        groups(broker, "--delete-offsets", "--group", "tools-forgetful", "--topic", "tools-offsets");
        KafkaTool.Result described = Child.toolResult(broker, GROUPS, "--describe", "--group", "tools-forgetful");

        assertFalse(described.output().contains("tools-offsets"), described.output());
    }

    @Test
    void anUnknownGroupIsAnError(EmbeddedBroker broker) {
        KafkaTool.Result described = Child.toolResult(broker, GROUPS, "--describe", "--group", "tools-nobody");

        assertTrue(described.output().contains("GroupIdNotFoundException"), described.output());
    }

    private static String groups(EmbeddedBroker broker, String... arguments) {
        return Child.tool(broker, GROUPS, arguments);
    }

    private static String columns(String table) {
        return table.replaceAll(" +", " ");
    }
}
