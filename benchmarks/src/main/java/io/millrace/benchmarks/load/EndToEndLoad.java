// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/**
 * From send to poll at a fixed, modest rate. Each record carries the instant at which it was due, not the one at which it
 * was sent, so a stall counts for all records it delays (no coordinated omission).
 */
public final class EndToEndLoad implements Load {
    private static final Metric HALF = new Metric("end to end p50", "ms");
    private static final Metric MOST = new Metric("end to end p99", "ms");
    private static final int RECORD_BYTES = 1024;
    private static final int RECORDS_PER_SECOND = 1_000;
    private static final Duration POLL = Duration.ofMillis(100);

    @Override
    public String name() {
        return "end-to-end";
    }

    @Override
    public void run(Lab lab) throws Exception {
        String load = "%s %d B, %d rec/s".formatted(name(), RECORD_BYTES, RECORDS_PER_SECOND);
        Results results = Rounds.run(
                lab,
                load,
                List.of(PeerKind.MILLRACE_COMMIT, PeerKind.MILLRACE_OS, PeerKind.KAFKA, PeerKind.KAFKA_SYNC),
                (peer, round) -> {
                    String topic = "end-to-end-" + round;
                    Clients.createTopic(peer, topic, 1);
                    return measure(peer, topic, lab.scale());
                });
        results.reportFigures(load, lab.report());
        for (Metric metric : List.of(HALF, MOST)) {
            compare(results, load, lab, metric, PeerKind.MILLRACE_OS, PeerKind.KAFKA);
            compare(results, load, lab, metric, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA);
            compare(results, load, lab, metric, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA_SYNC);
        }
    }

    private static void compare(Results results, String load, Lab lab, Metric metric, PeerKind us, PeerKind them) {
        results.compare(load, lab.report(), metric, us, them, Target.ratioBelow(1));
    }

    private static Map<Metric, Double> measure(Peer peer, String topic, Scale scale) {
        AtomicBoolean stopped = new AtomicBoolean();
        Producing.Counter acknowledged = new Producing.Counter();
        CompletableFuture<Void> producing =
                CompletableFuture.runAsync(() -> produce(peer, topic, stopped, acknowledged), TailLoad::start);
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(peer, List.of(new TopicPartition(topic, 0)))) {
            ConsumeLoad.awaitFirst(peer, consumer);
            record(consumer, scale.ramp());
            Histogram nanos = record(consumer, scale.window());
            return Map.of(HALF, nanos.getValueAtPercentile(50) / 1e6, MOST, nanos.getValueAtPercentile(99) / 1e6);
        } finally {
            stopped.set(true);
            TailLoad.join(producing);
            acknowledged.check(peer);
        }
    }

    private static void produce(Peer peer, String topic, AtomicBoolean stopped, Producing.Counter acknowledged) {
        long interval = 1_000_000_000L / RECORDS_PER_SECOND;
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(peer, Map.of("linger.ms", 0))) {
            producer.partitionsFor(topic);
            long due = System.nanoTime();
            while (!stopped.get()) {
                Pause.until(due);
                byte[] payload = new byte[RECORD_BYTES];
                ByteBuffer.wrap(payload).putLong(due);
                var unused = producer.send(new ProducerRecord<>(topic, 0, null, payload), acknowledged);
                due += interval;
            }
        }
    }

    private static Histogram record(KafkaConsumer<byte[], byte[]> consumer, Duration time) {
        Histogram nanos = new Histogram(3);
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                long due = ByteBuffer.wrap(record.value()).getLong();
                nanos.recordValue(Math.max(0, System.nanoTime() - due));
            }
        }
        return nanos;
    }
}
