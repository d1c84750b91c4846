// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Kafka's TransactionalMessageCopier does: copies a topic in transactions, some of which it aborts at random. */
@Timeout(180)
class RandomAbortsTest {
    private static final int RECORDS = 600;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension().set("transaction.aborted.index.size", "5");

    @Test
    void eachRecordIsCopiedOnceInOrderWhateverIsAbortedAndRestarted(EmbeddedBroker broker) {
        long seed = System.nanoTime();
        System.out.println("RandomAbortsTest seed " + seed);
        Random random = new Random(seed);
        Transactional clients = new Transactional(broker);
        List<String> input =
                IntStream.range(0, RECORDS).mapToObj(Integer::toString).toList();
        try (KafkaProducer<String, String> producer = clients.plainProducer()) {
            Transactional.send(producer, "copy-in", input.toArray(String[]::new));
        }

        long copied = 0;
        while (copied < RECORDS) {
            copied = copySome(clients, random);
            if (random.nextInt(3) == 0) {
                broker.restart();
            }
        }

        assertEquals(input, clients.read("copy-out", "read_committed"), "seed " + seed);
    }

    /** A few transactions of a copier that then goes away, at times amid one; answers how far it has come. */
    private static long copySome(Transactional clients, Random random) {
        TopicPartition input = new TopicPartition("copy-in", 0);
        KafkaProducer<String, String> producer = clients.started("copier");
        try (KafkaConsumer<String, String> consumer = clients.consumer("copier", "read_committed")) {
            consumer.assign(List.of(input));
            for (int i = 0; i < 5; i++) {
                OffsetAndMetadata committed = consumer.committed(Set.of(input)).get(input);
                consumer.seek(input, committed == null ? 0 : committed.offset());
                producer.beginTransaction();
                long next = copy(consumer, producer, 1 + random.nextInt(60));
                Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
                offsets.put(input, new OffsetAndMetadata(next));
                producer.sendOffsetsToTransaction(offsets, consumer.groupMetadata());
                switch (random.nextInt(4)) {
                    case 0 -> producer.abortTransaction();
                    case 1 -> {
                        if (i == 4) {
                            // Goes away without a word; its successor aborts the transaction.
                            producer.flush();
                            producer.close(Duration.ZERO);
                            producer = clients.started("copier");
                        } else {
                            producer.commitTransaction();
                        }
                    }
                    default -> producer.commitTransaction();
                }
            }
            OffsetAndMetadata committed = consumer.committed(Set.of(input)).get(input);
            return committed == null ? 0 : committed.offset();
        } finally {
            producer.close();
        }
    }

    private static long copy(KafkaConsumer<String, String> consumer, KafkaProducer<String, String> producer, int most) {
        TopicPartition input = new TopicPartition("copy-in", 0);
        long next = consumer.position(input);
        long end = Math.min(RECORDS, next + most);
        while (next < end) {
            ConsumerRecords<String, String> polled = consumer.poll(Duration.ofMillis(200));
            for (ConsumerRecord<String, String> record : polled) {
                if (record.offset() < end) {
                    var unused = producer.send(new ProducerRecord<>("copy-out", 0, null, record.value()));
                    next = record.offset() + 1;
                }
            }
        }
        return next;
    }
}
