// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A stock producer, one instance through all kills, which writes to its partitions in turn. */
final class RecordWriter extends Client {
    private final Sender sender;
    private final List<TopicPartition> partitions;
    private final Map<String, Object> settings;
    private final int inFlight;
    private final History history;
    private final Payloads payloads;

    RecordWriter(
            Sender sender,
            List<TopicPartition> partitions,
            Map<String, Object> settings,
            int inFlight,
            TortureRun run) {
        super("writer-" + sender.number(), run.failure());
        this.sender = sender;
        this.partitions = partitions;
        this.inFlight = inFlight;
        this.history = run.history();
        this.payloads = run.payloads();
        this.settings = new HashMap<>(settings);
        this.settings.putAll(Map.of(
                "bootstrap.servers",
                run.address(),
                "client.id",
                "writer-" + sender.number(),
                "enable.idempotence",
                sender.exactlyOnce(),
                "acks",
                sender.exactlyOnce() ? "all" : "1",
                "delivery.timeout.ms",
                "600000",
                "request.timeout.ms",
                "20000",
                "reconnect.backoff.max.ms",
                "100",
                "retry.backoff.max.ms",
                "100",
                "max.block.ms",
                "900000"));
    }

    @Override
    void work() {
        Semaphore window = new Semaphore(inFlight);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            for (int position = 0; !finishing(); position++) {
                for (TopicPartition to : partitions) {
                    window.acquireUninterruptibly();
                    send(producer, window, to, position);
                }
            }
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, Semaphore window, TopicPartition to, int position) {
        history.add(new Event.Sent(sender, to, position));
        ProducerRecord<byte[], byte[]> sent =
                new ProducerRecord<>(to.topic(), to.partition(), null, payloads.value(sender, to, position));
        var unused = producer.send(sent, (written, failed) -> {
            window.release();
            history.add(
                    failed == null
                            ? new Event.Acknowledged(sender, to, position, written.offset())
                            : new Event.Failed(sender, to, position, failed.toString()));
        });
    }
}
