// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Stock kafka-clients, all with the settings that {@link #describe} tells. */
public final class Clients {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Clients() {}

    /** The settings, for the report. */
    public static String describe() {
        return "Clients: kafka-clients %s in the harness's own JVM, defaults (acks=all, idempotent, batch.size 16384, linger.ms 5,"
                        .formatted(version())
                + " 5 requests in flight, no compression, check.crcs on); linger.ms 0 in the latency loads;"
                + " consumers assign their partitions";
    }

    private static String version() {
        Properties properties = new Properties();
        try (InputStream in = KafkaProducer.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            if (in != null) {
                properties.load(in);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("The version of kafka-clients cannot be read", e);
        }
        return properties.getProperty("version", "of unknown version");
    }

    static KafkaProducer<byte[], byte[]> producer(Peer peer, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("bootstrap.servers", peer.bootstrap(), "acks", "all"));
        all.putAll(settings);
        return new KafkaProducer<>(all, new ByteArraySerializer(), new ByteArraySerializer());
    }

    /** A consumer of these partitions and of nothing else, without a group. */
    static KafkaConsumer<byte[], byte[]> consumer(Peer peer, List<TopicPartition> partitions) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", peer.bootstrap(), "enable.auto.commit", false, "auto.offset.reset", "earliest");
        KafkaConsumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        consumer.assign(partitions);
        return consumer;
    }

    /** Makes a topic; the null broker has every topic already. */
    static void createTopic(Peer peer, String topic, int partitions) {
        if (peer.kind() == PeerKind.NULL_BROKER) {
            return;
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", peer.bootstrap()))) {
            var created = admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1)))
                    .all();
            created.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new BenchmarkException(peer.kind().title() + " did not make " + topic + ": " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("Interrupted", e);
        }
    }

    /** Bytes that do not compress. */
    static byte[] payload(int bytes) {
        byte[] payload = new byte[bytes];
        new Random(bytes).nextBytes(payload);
        return payload;
    }
}
