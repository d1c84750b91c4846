// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** Consume one partition at its tail while a producer writes it at full speed; the slower of the two is what counts. */
public final class TailLoad implements Load {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final Metric RECORDS = ConsumeLoad.RECORDS;
    private static final Metric PRODUCED = ProduceLoad.RECORDS;

    @Override
    public String name() {
        return "tail";
    }

    @Override
    public void run(Lab lab) throws Exception {
        for (int bytes : List.of(100, 1024)) {
            String load = "consume %d B at the tail, producer beside".formatted(bytes);
            Results results = Rounds.run(lab, load, List.of(PeerKind.MILLRACE_OS, PeerKind.KAFKA), (peer, round) -> {
                String topic = "tail-" + round + "-" + bytes;
                Clients.createTopic(peer, topic, 1);
                return measure(peer, topic, bytes, lab.scale());
            });
            results.reportFigures(load, lab.report());
            results.compare(
                    load, lab.report(), RECORDS, PeerKind.MILLRACE_OS, PeerKind.KAFKA, Target.ratioAtLeast(1.2));
        }
    }

    private static Map<Metric, Double> measure(Peer peer, String topic, int bytes, Scale scale) {
        AtomicBoolean stopped = new AtomicBoolean();
        Producing.Counter acknowledged = new Producing.Counter();
        CompletableFuture<Void> producing =
                CompletableFuture.runAsync(() -> produce(peer, topic, bytes, stopped, acknowledged), TailLoad::start);
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(peer, List.of(new TopicPartition(topic, 0)))) {
            ConsumeLoad.awaitFirst(peer, consumer);
            poll(consumer, scale.ramp());
            long begin = System.nanoTime();
            long before = acknowledged.get();
            long count = poll(consumer, scale.window());
            double seconds = (System.nanoTime() - begin) / 1e9;
            double produced = (acknowledged.get() - before) / seconds;
            return Map.of(RECORDS, count / seconds, PRODUCED, produced);
        } finally {
            stopped.set(true);
            join(producing);
            acknowledged.check(peer);
        }
    }

    private static void produce(
            Peer peer, String topic, int bytes, AtomicBoolean stopped, Producing.Counter acknowledged) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, null, Clients.payload(bytes));
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(peer, Map.of())) {
            while (!stopped.get()) {
                var unused = producer.send(record, acknowledged);
            }
        }
    }

    private static long poll(KafkaConsumer<byte[], byte[]> consumer, Duration time) {
        long end = System.nanoTime() + time.toNanos();
        long count = 0;
        while (System.nanoTime() < end) {
            count += consumer.poll(POLL).count();
        }
        return count;
    }

    /** An executor of one thread for each task. */
    static void start(Runnable task) {
        Thread thread = new Thread(task, "load");
        thread.setDaemon(true);
        thread.start();
    }

    static void join(CompletableFuture<?> task) throws CompletionException {
        task.join();
    }
}
