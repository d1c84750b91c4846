// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that got no processor for longer than its ZooKeeper session lasts, as on a starved machine. */
@Timeout(180)
@EnabledOnOs({OS.LINUX, OS.MAC})
class SuspendedBrokerTest {
    private static final Duration LONGER_THAN_THE_SESSION = Duration.ofSeconds(4);
    private static final String TOPIC = "orders";

    @TempDir
    Path directory;

    @Test
    void partitionsAreServedAgainInANewSession() throws Exception {
        try (BrokerProcess broker = new BrokerProcess(
                directory.resolve("errors"),
                "start",
                "--data",
                directory.resolve("data").toString(),
                "--port",
                "0",
                "--set",
                "zookeeper.session.timeout.ms=1000")) {
            String address = "127.0.0.1:" + broker.awaitReady().group(1);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", address));
                    KafkaProducer<String, String> producer = new KafkaProducer<>(
                            Map.of("bootstrap.servers", address), new StringSerializer(), new StringSerializer())) {
                // Given
                admin.createTopics(List.of(new NewTopic(TOPIC, 2, (short) 1)))
                        .all()
                        .get();
                assertEquals(0, send(producer, 0));
                assertEquals(0, send(producer, 1));
                // When
                broker.signal("STOP");
                await().pollDelay(LONGER_THAN_THE_SESSION).until(() -> true);
                broker.signal("CONT");
                // Then
                await().atMost(60, TimeUnit.SECONDS)
                        .until(() -> broker.errors().contains("The cluster was read again, in ZooKeeper session"));
                assertEquals(1, send(producer, 0));
                assertEquals(1, send(producer, 1));
            }
        }
    }

    private static long send(KafkaProducer<String, String> producer, int partition) throws Exception {
        return producer.send(new ProducerRecord<>(TOPIC, partition, null, "value"))
                .get()
                .offset();
    }
}
