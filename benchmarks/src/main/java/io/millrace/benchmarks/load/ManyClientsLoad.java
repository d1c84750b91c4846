// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.machine.ProcessUsage;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** 1,000 partitions, 50 producers and 50 consumers with 20 partitions each, all at full speed; memory over time. */
public final class ManyClientsLoad implements Load {
    private static final Metric PRODUCED = ProduceLoad.RECORDS;
    private static final Metric CONSUMED = ConsumeLoad.RECORDS;
    private static final Metric GROWTH = new Metric("resident memory, second half of the window over the first", "x");
    private static final int PARTITIONS = 1_000;
    private static final int CLIENTS = 50;
    private static final int RECORD_BYTES = 1024;
    private static final int SAMPLES = 20;
    /** 50 times the default of 32 MiB would not fit into the harness; a slow server is measured, not given up. */
    private static final Map<String, Object> SETTINGS =
            Map.of("buffer.memory", 4 << 20, "max.block.ms", 600_000, "delivery.timeout.ms", 600_000);

    @Override
    public String name() {
        return "many-clients";
    }

    @Override
    public void run(Lab lab) throws Exception {
        String load = "1000 partitions, 50 producers, 50 consumers, %d B".formatted(RECORD_BYTES);
        Results results = Rounds.run(
                lab, load, List.of(PeerKind.MILLRACE_OS, PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA), (peer, round) -> {
                    String topic = "many-" + round;
                    Clients.createTopic(peer, topic, PARTITIONS);
                    return measure(peer, topic, lab.scale());
                });
        results.reportFigures(load, lab.report());
        for (PeerKind us : List.of(PeerKind.MILLRACE_OS, PeerKind.MILLRACE_COMMIT)) {
            for (Metric metric : List.of(PRODUCED, CONSUMED)) {
                results.compare(load, lab.report(), metric, us, PeerKind.KAFKA, Target.ratioAtLeast(1.3));
            }
            lab.report().check(load, GROWTH, us.title(), results.get(us, GROWTH), Target.ratioBelow(1.1));
        }
    }

    private static Map<Metric, Double> measure(Peer peer, String topic, Scale scale) {
        AtomicBoolean stopped = new AtomicBoolean();
        Producing.Counter produced = new Producing.Counter();
        LongAdder consumed = new LongAdder();
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        try {
            for (int i = 0; i < CLIENTS; i++) {
                List<TopicPartition> own = IntStream.range(i * (PARTITIONS / CLIENTS), (i + 1) * (PARTITIONS / CLIENTS))
                        .mapToObj(partition -> new TopicPartition(topic, partition))
                        .toList();
                clients.add(CompletableFuture.runAsync(() -> consume(peer, own, stopped, consumed), TailLoad::start));
                clients.add(CompletableFuture.runAsync(() -> produce(peer, own, stopped, produced), TailLoad::start));
            }
            long ready = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (consumed.sum() == 0 && System.nanoTime() < ready) {
                Pause.of(Duration.ofMillis(10));
            }
            Pause.of(scale.ramp().multipliedBy(2));
            long producedBefore = produced.get();
            long consumedBefore = consumed.sum();
            long begin = System.nanoTime();
            double[] memory = new double[SAMPLES];
            for (int i = 0; i < SAMPLES; i++) {
                Pause.of(scale.window().dividedBy(SAMPLES));
                memory[i] = ProcessUsage.residentMb(peer.pid());
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            double first = IntStream.range(0, SAMPLES / 2)
                    .mapToDouble(i -> memory[i])
                    .average()
                    .orElse(Double.NaN);
            double second = IntStream.range(SAMPLES / 2, SAMPLES)
                    .mapToDouble(i -> memory[i])
                    .average()
                    .orElse(Double.NaN);
            return Map.of(
                    PRODUCED, (produced.get() - producedBefore) / seconds,
                    CONSUMED, (consumed.sum() - consumedBefore) / seconds,
                    GROWTH, second / first);
        } finally {
            stopped.set(true);
            clients.forEach(TailLoad::join);
            produced.check(peer);
        }
    }

    private static void produce(
            Peer peer, List<TopicPartition> own, AtomicBoolean stopped, Producing.Counter produced) {
        byte[] payload = Clients.payload(RECORD_BYTES);
        Callback whileItCounts = (metadata, exception) -> {
            if (!stopped.get()) {
                produced.onCompletion(metadata, exception);
            }
        };
        KafkaProducer<byte[], byte[]> producer = Clients.producer(peer, SETTINGS);
        try {
            for (int i = 0; !stopped.get(); i = (i + 1) % own.size()) {
                TopicPartition partition = own.get(i);
                var unused = producer.send(
                        new ProducerRecord<>(partition.topic(), partition.partition(), null, payload), whileItCounts);
            }
        } finally {
            // What 50 producers still hold, some 200 MB, is not measured any more: sending it took minutes.
            producer.close(Duration.ZERO);
        }
    }

    private static void consume(Peer peer, List<TopicPartition> own, AtomicBoolean stopped, LongAdder consumed) {
        try (KafkaConsumer<byte[], byte[]> consumer = Clients.consumer(peer, own)) {
            while (!stopped.get()) {
                consumed.add(consumer.poll(Duration.ofMillis(100)).count());
            }
        }
    }
}
