// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.machine.ProcessUsage;
import io.millrace.benchmarks.peer.Peer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/** One producer at full speed, one thread, one partition. */
final class Producing {
    private Producing() {}

    /**
     * What a window saw.
     *
     * @param recordsPerSecond acknowledged in the window
     * @param cpuMicrosPerRecord processor time of the server's process for each of them
     */
    record Outcome(double recordsPerSecond, double cpuMicrosPerRecord) {}

    /** Sends for {@code ramp}, then counts for {@code window}. Fails when any record is refused. */
    static Outcome measure(Peer peer, String topic, int recordBytes, Scale scale) {
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(peer, Map.of())) {
            Counter acknowledged = new Counter();
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, 0, null, Clients.payload(recordBytes));
            send(producer, record, acknowledged, scale.ramp());
            long begin = System.nanoTime();
            long before = acknowledged.get();
            double cpuBefore = ProcessUsage.cpuSeconds(peer.pid());
            send(producer, record, acknowledged, scale.window());
            double seconds = (System.nanoTime() - begin) / 1e9;
            long records = acknowledged.get() - before;
            double cpu = ProcessUsage.cpuSeconds(peer.pid()) - cpuBefore;
            producer.flush();
            acknowledged.check(peer);
            return new Outcome(records / seconds, cpu * 1e6 / records);
        }
    }

    private static void send(
            KafkaProducer<byte[], byte[]> producer,
            ProducerRecord<byte[], byte[]> record,
            Callback callback,
            Duration time) {
        long end = System.nanoTime() + time.toNanos();
        while (System.nanoTime() < end) {
            var unused = producer.send(record, callback);
        }
    }

    /** Writes records of one size round robin into the partitions until they add up to {@code bytes}. */
    static void fill(
            Peer peer, String topic, int partitions, int recordBytes, long bytes, Map<String, Object> settings) {
        try (KafkaProducer<byte[], byte[]> producer = Clients.producer(peer, settings)) {
            Counter acknowledged = new Counter();
            byte[] payload = Clients.payload(recordBytes);
            long records = bytes / recordBytes;
            for (long i = 0; i < records && acknowledged.isSound(); i++) {
                var unused =
                        producer.send(new ProducerRecord<>(topic, (int) (i % partitions), null, payload), acknowledged);
            }
            producer.flush();
            acknowledged.check(peer);
        }
    }

    /** Counts acknowledgements; keeps the first failure. Safe for any thread. */
    static final class Counter implements Callback {
        private final AtomicLong count = new AtomicLong();
        private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

        @Override
        public void onCompletion(
                org.apache.kafka.clients.producer.@Nullable RecordMetadata metadata, @Nullable Exception exception) {
            if (exception == null) {
                count.incrementAndGet();
            } else {
                failure.compareAndSet(null, exception);
            }
        }

        long get() {
            return count.get();
        }

        boolean isSound() {
            return failure.get() == null;
        }

        void check(Peer peer) {
            Exception first = failure.get();
            if (first != null) {
                throw new BenchmarkException(peer.kind().title() + " refused a record: " + first, first);
            }
        }
    }
}
