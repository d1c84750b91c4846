// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.machine.DiskProbe;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Samples;
import io.millrace.benchmarks.report.Target;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * 1,000 partitions, synced, one message of 100 B in flight in each: the next is sent when the last is acknowledged. Four
 * producers with linger.ms 0 share the partitions, so that neither one client thread nor a request for a single partition
 * is what is measured. By Little's law the mean latency is 1,000 / throughput: the null broker beside it shows what of
 * that is the client's own. Then the same queues at a fixed rate, each in its turn, where the clients keep up: what one
 * queue among 1,000 waits for its sync.
 */
public final class ManyQueuesLoad implements Load {
    private static final Metric HALF = new Metric("acknowledged p50", "ms");
    private static final Metric MOST = new Metric("acknowledged p99", "ms");
    private static final Metric RATE = new Metric("acknowledged", "rec/s");
    private static final int PACE = 2_000;
    private static final Metric PACED_HALF = new Metric("at %,d a second, p50".formatted(PACE), "ms");
    private static final Metric PACED_MOST = new Metric("at %,d a second, p99".formatted(PACE), "ms");
    private static final String TOPIC = "queues-100";
    private static final int PARTITIONS = 1_000;
    private static final int PRODUCERS = 4;
    private static final int RECORD_BYTES = 100;

    @Override
    public String name() {
        return "1000-queues";
    }

    @Override
    public void run(Lab lab) throws Exception {
        double rawMs = new DiskProbe(lab.peers().work())
                        .syncLatency(4096, lab.scale().ramp())
                        .getValueAtPercentile(50)
                / 1e6;
        Results results = Rounds.run(
                lab,
                name(),
                List.of(PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA_SYNC, PeerKind.NULL_BROKER),
                (peer, round) -> {
                    if (round == 0) {
                        Clients.createTopic(peer, TOPIC, PARTITIONS);
                    }
                    return measure(peer, lab.scale());
                });
        String load = name() + ", synced, one in flight each";
        results.reportFigures(load, lab.report());
        for (Metric metric : List.of(MOST, PACED_MOST)) {
            Samples inSyncs = new Samples();
            inSyncs.add(results.get(PeerKind.MILLRACE_COMMIT, metric).median() / rawMs);
            Metric relative = new Metric("%s in raw syncs of %.2f ms".formatted(metric.name(), rawMs), "syncs");
            lab.report().check(load, relative, PeerKind.MILLRACE_COMMIT.title(), inSyncs, Target.below(10, "syncs"));
        }
        results.compare(load, lab.report(), PACED_MOST, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA_SYNC, null);
        results.compare(load, lab.report(), PACED_MOST, PeerKind.MILLRACE_COMMIT, PeerKind.NULL_BROKER, null);
        results.compare(load, lab.report(), MOST, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA_SYNC, null);
        results.compare(load, lab.report(), MOST, PeerKind.MILLRACE_COMMIT, PeerKind.NULL_BROKER, null);
        results.compare(load, lab.report(), RATE, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA_SYNC, null);
    }

    private static Map<Metric, Double> measure(Peer peer, Scale scale) {
        List<KafkaProducer<byte[], byte[]>> producers = new ArrayList<>();
        Loop loop = new Loop();
        try {
            for (int i = 0; i < PRODUCERS; i++) {
                producers.add(Clients.producer(peer, Map.of("linger.ms", 0)));
                producers.get(i).partitionsFor(TOPIC);
            }
            for (int partition = 0; partition < PARTITIONS; partition++) {
                loop.send(producers.get(partition % PRODUCERS), partition);
            }
            Pause.of(scale.ramp());
            loop.nanos.reset();
            long begin = System.nanoTime();
            Pause.of(scale.window());
            Histogram seen = loop.nanos.copy();
            double seconds = (System.nanoTime() - begin) / 1e9;
            loop.stopped.set(true);
            producers.forEach(KafkaProducer::flush);
            Histogram paced = loop.paced(producers, scale);
            loop.acknowledged.check(peer);
            return Map.of(
                    HALF, seen.getValueAtPercentile(50) / 1e6,
                    MOST, seen.getValueAtPercentile(99) / 1e6,
                    RATE, seen.getTotalCount() / seconds,
                    PACED_HALF, paced.getValueAtPercentile(50) / 1e6,
                    PACED_MOST, paced.getValueAtPercentile(99) / 1e6);
        } finally {
            loop.stopped.set(true);
            producers.forEach(KafkaProducer::close);
        }
    }

    /** The closed loop of all partitions, which turns in the producers' own threads; then the paced one. */
    private static final class Loop {
        private final ConcurrentHistogram nanos = new ConcurrentHistogram(3);
        private final Producing.Counter acknowledged = new Producing.Counter();
        private final AtomicBoolean stopped = new AtomicBoolean();
        private final byte[] payload = Clients.payload(RECORD_BYTES);

        private void send(KafkaProducer<byte[], byte[]> producer, int partition) {
            long begin = System.nanoTime();
            var unused = producer.send(new ProducerRecord<>(TOPIC, partition, null, payload), (metadata, failure) -> {
                acknowledged.onCompletion(metadata, failure);
                nanos.recordValue(System.nanoTime() - begin);
                if (failure == null && !stopped.get()) {
                    send(producer, partition);
                }
            });
        }

        /** Each record counts from the instant it was due, whenever the client came to send it. */
        private Histogram paced(List<KafkaProducer<byte[], byte[]>> producers, Scale scale) {
            nanos.reset();
            long due = System.nanoTime();
            long measured = due + scale.ramp().toNanos();
            long end = measured + scale.window().toNanos();
            for (int turn = 0; due < end; turn++, due += 1_000_000_000L / PACE) {
                Pause.until(due);
                long begin = due;
                int partition = turn % PARTITIONS;
                var unused = producers
                        .get(partition % PRODUCERS)
                        .send(new ProducerRecord<>(TOPIC, partition, null, payload), (metadata, failure) -> {
                            acknowledged.onCompletion(metadata, failure);
                            if (begin >= measured) {
                                nanos.recordValue(System.nanoTime() - begin);
                            }
                        });
            }
            producers.forEach(KafkaProducer::flush);
            return nanos.copy();
        }
    }
}
