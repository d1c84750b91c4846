// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static io.millrace.interop.Child.tool;
import static io.millrace.interop.Child.toolResult;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.KafkaTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kafka's own command-line tools. */
@ExtendWith(Peers.class)
class CommandLineToolsTest {
    private static final String TOPICS = "org.apache.kafka.tools.TopicCommand";
    private static final String CONFIGS = "kafka.admin.ConfigCommand";

    @TempDir
    Path directory;

    @Test
    void topicsAreCreatedDescribedEnlargedAndDeleted(EmbeddedBroker broker) {
        tool(
                broker,
                TOPICS,
                "--create",
                "--topic",
                "tools-topic",
                "--partitions",
                "2",
                "--config",
                "retention.ms=7000");
        String described = tool(broker, TOPICS, "--describe", "--topic", "tools-topic");
        tool(broker, TOPICS, "--alter", "--topic", "tools-topic", "--partitions", "5");
        String enlarged = tool(broker, TOPICS, "--describe", "--topic", "tools-topic");
        tool(broker, TOPICS, "--delete", "--topic", "tools-topic");
        KafkaTool.Result gone = toolResult(broker, TOPICS, "--describe", "--topic", "tools-topic");

        assertTrue(described.contains("PartitionCount: 2"), described);
        assertTrue(described.contains("retention.ms=7000"), described);
        assertTrue(enlarged.contains("PartitionCount: 5"), enlarged);
        assertNotEquals(0, gone.exitCode(), gone.output());
    }

    @Test
    void topicConfigsAreAlteredAndDescribed(EmbeddedBroker broker) {
        tool(broker, TOPICS, "--create", "--topic", "tools-configs");

        tool(broker, CONFIGS, "--alter", "--topic", "tools-configs", "--add-config", "retention.ms=9000");
        String altered = tool(broker, CONFIGS, "--describe", "--topic", "tools-configs");
        tool(broker, CONFIGS, "--alter", "--topic", "tools-configs", "--delete-config", "retention.ms");
        String restored = tool(broker, CONFIGS, "--describe", "--topic", "tools-configs");

        assertTrue(altered.contains("retention.ms=9000"), altered);
        assertFalse(restored.contains("retention.ms"), restored);
    }

    @Test
    void theVersionsOfTheBrokerAreListed(EmbeddedBroker broker) {
        String versions = tool(broker, "org.apache.kafka.tools.BrokerApiVersionsCommand");

        assertTrue(versions.contains("Produce(0)"), versions);
    }

    @Test
    void offsetsAreListedAndRecordsDeleted(EmbeddedBroker broker) throws IOException {
        tool(broker, TOPICS, "--create", "--topic", "tools-records");
        Clients.produce(broker.bootstrapServers(), "tools-records", 10);
        Path cut = Files.writeString(directory.resolve("cut.json"), """
                {"version": 1, "partitions": [{"topic": "tools-records", "partition": 0, "offset": 4}]}""");

        tool(broker, "org.apache.kafka.tools.DeleteRecordsCommand", "--offset-json-file", cut.toString());
        String first = offsets(broker, "earliest");
        String end = offsets(broker, "latest");

        assertEquals("tools-records:0:4", first);
        assertEquals("tools-records:0:10", end);
    }

    @Test
    void logDirectoriesAreDescribed(EmbeddedBroker broker) {
        tool(broker, TOPICS, "--create", "--topic", "tools-dirs");
        Clients.produce(broker.bootstrapServers(), "tools-dirs", 10);

        String described =
                tool(broker, "org.apache.kafka.tools.LogDirsCommand", "--describe", "--topic-list", "tools-dirs");

        assertTrue(described.contains("\"partition\":\"tools-dirs-0\""), described);
    }

    private static String offsets(EmbeddedBroker broker, String time) {
        return tool(broker, "org.apache.kafka.tools.GetOffsetShell", "--topic", "tools-records", "--time", time)
                .strip();
    }
}
