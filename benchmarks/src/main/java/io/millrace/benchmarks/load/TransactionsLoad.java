// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;

/** One transactional Kafka producer at full speed into one partition; a commit each 100 ms and each 10 ms. */
public final class TransactionsLoad implements Load {
    private static final List<PeerKind> KINDS = List.of(PeerKind.MILLRACE_COMMIT, PeerKind.MILLRACE_OS, PeerKind.KAFKA);
    private static final int RECORD_BYTES = 1024;
    private static final Metric RECORDS = new Metric("committed", "rec/s");
    private static final Metric COMMIT = new Metric("time in commitTransaction, mean", "ms");

    @Override
    public String name() {
        return "transactions";
    }

    @Override
    public void run(Lab lab) throws Exception {
        for (int intervalMs : List.of(100, 10)) {
            String load = name() + " 1 KiB, a commit each " + intervalMs + " ms";
            Results results = Rounds.run(lab, load, KINDS, (peer, round) -> {
                String topic = "transactions-" + round;
                Clients.createTopic(peer, topic, 1);
                return measure(peer, topic, intervalMs, lab.scale());
            });
            results.reportFigures(load, lab.report());
            results.compare(
                    load, lab.report(), RECORDS, PeerKind.MILLRACE_OS, PeerKind.KAFKA, Target.ratioAtLeast(1.2));
            results.compare(load, lab.report(), RECORDS, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA, null);
        }
    }

    private static Map<Metric, Double> measure(Peer peer, String topic, int intervalMs, Scale scale) {
        Map<String, Object> settings = Map.of("transactional.id", topic);
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(peer, settings)) {
            producer.initTransactions();
            Transactions transactions = new Transactions(producer, topic, intervalMs);
            transactions.run(scale.ramp());
            return transactions.run(scale.window());
        }
    }

    /** Transactions one after the other. */
    private static final class Transactions {
        private final KafkaProducer<byte[], byte[]> producer;
        private final ProducerRecord<byte[], byte[]> record;
        private final long intervalNanos;

        Transactions(KafkaProducer<byte[], byte[]> producer, String topic, int intervalMs) {
            this.producer = producer;
            this.record = new ProducerRecord<>(topic, 0, null, Clients.payload(RECORD_BYTES));
            this.intervalNanos = TimeUnit.MILLISECONDS.toNanos(intervalMs);
        }

        /** Ends with a whole transaction. A record that is refused fails the commit. */
        Map<Metric, Double> run(Duration time) {
            long begin = System.nanoTime();
            long records = 0;
            long commits = 0;
            long committingNanos = 0;
            while (System.nanoTime() - begin < time.toNanos()) {
                producer.beginTransaction();
                long opened = System.nanoTime();
                while (System.nanoTime() - opened < intervalNanos) {
                    var unused = producer.send(record);
                    records++;
                }
                long full = System.nanoTime();
                producer.commitTransaction();
                committingNanos += System.nanoTime() - full;
                commits++;
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            return Map.of(RECORDS, records / seconds, COMMIT, committingNanos / 1e6 / commits);
        }
    }
}
