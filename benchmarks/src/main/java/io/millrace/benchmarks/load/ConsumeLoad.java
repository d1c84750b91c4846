// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.machine.ProcessUsage;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/** Consume one partition from the start of a large log, its pages in the cache; one consumer, one thread. */
public final class ConsumeLoad implements Load {
    static final Metric RECORDS = new Metric("consumed", "rec/s");
    static final Metric CPU = new Metric("server processor time", "µs/rec");
    private static final String TOPIC = "log-";
    private static final Duration POLL = Duration.ofMillis(500);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final List<PeerKind> KINDS = List.of(PeerKind.MILLRACE_OS, PeerKind.KAFKA, PeerKind.NULL_BROKER);

    @Override
    public String name() {
        return "consume";
    }

    @Override
    public void run(Lab lab) throws Exception {
        run(lab, 1024, lab.scale().largeLogBytes());
        run(lab, 100, lab.scale().smallLogBytes());
    }

    private void run(Lab lab, int recordBytes, long bytes) throws Exception {
        String load = "%s %d B from the start of %.1f GB".formatted(name(), recordBytes, bytes / 1e9);
        Results results = Rounds.run(lab, load, KINDS, (peer, round) -> {
            String topic = TOPIC + recordBytes;
            if (round == 0) {
                Clients.createTopic(peer, topic, 1);
                if (peer.kind() != PeerKind.NULL_BROKER) {
                    Producing.fill(peer, topic, 1, recordBytes, bytes, Map.of());
                    Rounds.settleDisk();
                }
            }
            return read(peer, topic, bytes / recordBytes, lab.scale());
        });
        results.reportFigures(load, lab.report());
        results.compare(load, lab.report(), RECORDS, PeerKind.MILLRACE_OS, PeerKind.KAFKA, Target.ratioAtLeast(1.2));
        results.compare(load, lab.report(), RECORDS, PeerKind.MILLRACE_OS, PeerKind.NULL_BROKER, null);
    }

    /** Reads from offset 0 until the end, or for two windows when the log is longer than that. */
    private static Map<Metric, Double> read(Peer peer, String topic, long records, Scale scale) {
        TopicPartition partition = new TopicPartition(topic, 0);
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(peer, List.of(partition))) {
            consumer.seek(partition, 0);
            long count = awaitFirst(peer, consumer);
            long before = count;
            long begin = System.nanoTime();
            long end = begin + 2 * scale.window().toNanos();
            double cpuBefore = ProcessUsage.cpuSeconds(peer.pid());
            while (count < records && System.nanoTime() < end) {
                count += consumer.poll(POLL).count();
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            double cpu = ProcessUsage.cpuSeconds(peer.pid()) - cpuBefore;
            return Map.of(RECORDS, (count - before) / seconds, CPU, cpu * 1e6 / (count - before));
        }
    }

    /** The clock starts with the first records: looking the leader up is not consuming. */
    static long awaitFirst(Peer peer, KafkaConsumer<byte[], byte[]> consumer) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            int count = consumer.poll(POLL).count();
            if (count > 0) {
                return count;
            }
        }
        throw new BenchmarkException(peer.kind().title() + " gave the consumer nothing within " + PATIENCE);
    }
}
