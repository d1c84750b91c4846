// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.KafkaTool;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka's performance tools and its system tests' producer and consumer. */
@ExtendWith(Peers.class)
class PerformanceToolsTest {
    private static final int RECORDS = 20_000;

    @Test
    void theProducersRecordsReachTheConsumer(EmbeddedBroker broker) {
        String produced = KafkaTool.run(
                        Child.PATIENCE,
                        "org.apache.kafka.tools.ProducerPerformance",
                        "--topic",
                        "tools-perf",
                        "--num-records",
                        Integer.toString(RECORDS),
                        "--record-size",
                        "100",
                        "--throughput",
                        "-1",
                        "--producer-props",
                        "bootstrap.servers=" + broker.bootstrapServers(),
                        "compression.type=lz4")
                .successful();
        String consumed = Child.tool(
                broker,
                "org.apache.kafka.tools.ConsumerPerformance",
                "--topic",
                "tools-perf",
                "--messages",
                Integer.toString(RECORDS),
                "--hide-header");

        assertTrue(produced.contains(RECORDS + " records sent"), produced);
        assertEquals(Integer.toString(RECORDS), consumed.strip().split(", ", -1)[4], consumed);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "consumer"})
    void whatTheVerifiableProducerSendsTheVerifiableConsumerGets(String protocol, EmbeddedBroker broker) {
        String topic = "tools-verifiable-" + protocol;
        String produced = Child.tool(
                broker, "org.apache.kafka.tools.VerifiableProducer", "--topic", topic, "--max-messages", "1000");
        String consumed = Child.tool(
                broker,
                "org.apache.kafka.tools.VerifiableConsumer",
                "--topic",
                topic,
                "--group-id",
                "verifiers-" + protocol,
                "--group-protocol",
                protocol,
                "--reset-policy",
                "earliest",
                "--max-messages",
                "1000");

        assertTrue(produced.contains("\"acked\":1000"), produced);
        assertTrue(consumed.contains("\"offset\":1000}],\"success\":true"), consumed);
    }
}
