// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KafkaServerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    @Test
    void aKilledBrokerServesItsTopicsAfterItsRestart() {
        // Given
        try (KafkaServer kafka = KafkaServer.in(directory).start()) {
            topics(kafka, "--create", "--topic", "orders").successful();
            kafka.kill();
        }

        // When
        String topics;
        try (KafkaServer kafka = KafkaServer.in(directory).start()) {
            topics = topics(kafka, "--list").successful();
            kafka.stop();
        }

        // Then
        assertEquals("orders", topics.strip());
    }

    @Test
    void aBrokerThatCannotStartTellsItsLastLines() {
        KafkaServer.Builder impossible = KafkaServer.in(directory).set("num.partitions", "-7");

        PeerException thrown = assertThrows(PeerException.class, impossible::start);

        assertTrue(thrown.getMessage().contains("num.partitions"), thrown.getMessage());
    }

    private static KafkaTool.Result topics(KafkaServer kafka, String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = "--bootstrap-server";
        all[1] = kafka.bootstrapServers();
        System.arraycopy(arguments, 0, all, 2, arguments.length);
        return KafkaTool.run(PATIENCE, "org.apache.kafka.tools.TopicCommand", all);
    }
}
