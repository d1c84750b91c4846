// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import static io.millrace.broker.request.share.ShareClients.await;
import static io.millrace.broker.request.share.ShareClients.counts;
import static io.millrace.broker.request.share.ShareClients.poll;
import static io.millrace.broker.request.share.ShareClients.pollUntil;
import static io.millrace.broker.request.share.ShareClients.values;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.AcknowledgeType;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicIdPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Kafka's own KafkaShareConsumer (KIP-932) against a whole broker on a real socket. */
@Timeout(120)
class StockShareConsumerTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE =
            new MillraceExtension().set("group.share.min.record.lock.duration.ms", "1000");

    private ShareClients clients;

    @BeforeEach
    void connect(EmbeddedBroker broker) {
        clients = new ShareClients(broker.bootstrapServers(), 1);
    }

    @AfterEach
    void disconnect() {
        clients.close();
    }

    @Test
    void recordsOfAnImplicitMemberAreAcceptedByItsNextPoll() {
        clients.send("a", "b", "c");
        KafkaShareConsumer<String, String> first = clients.implicit();
        assertEquals(List.of("a", "b", "c"), values(poll(first)));

        first.commitSync();
        first.close();

        clients.send("d");
        assertEquals(List.of("d"), values(poll(clients.implicit())));
    }

    @Test
    void aReleasedRecordComesAgainWithItsDeliveryCountOneHigher() {
        clients.send("a", "b");
        KafkaShareConsumer<String, String> consumer = clients.explicit();
        List<ConsumerRecord<String, String>> got = poll(consumer);
        assertEquals(List.of((short) 1, (short) 1), counts(got));

        consumer.acknowledge(got.get(0), AcknowledgeType.RELEASE);
        consumer.acknowledge(got.get(1), AcknowledgeType.ACCEPT);
        assertCommitted(consumer);

        List<ConsumerRecord<String, String>> again = poll(consumer);
        assertEquals(List.of("a"), values(again));
        assertEquals(List.of((short) 2), counts(again));
        consumer.acknowledge(again.get(0), AcknowledgeType.ACCEPT);
        assertCommitted(consumer);
    }

    @Test
    void aRejectedRecordDoesNotComeAgain() {
        clients.send("poison", "good");
        KafkaShareConsumer<String, String> consumer = clients.explicit();
        List<ConsumerRecord<String, String>> got = poll(consumer);

        consumer.acknowledge(got.get(0), AcknowledgeType.REJECT);
        consumer.acknowledge(got.get(1), AcknowledgeType.RELEASE);
        assertCommitted(consumer);

        List<ConsumerRecord<String, String>> again = poll(consumer);
        assertEquals(List.of("good"), values(again));
        consumer.acknowledge(again.get(0), AcknowledgeType.ACCEPT);
    }

    @Test
    void aRecordIsGivenUpAfterTheDeliveryLimit() {
        clients.configure("share.delivery.count.limit", "3");
        clients.send("poison");
        KafkaShareConsumer<String, String> consumer = clients.explicit();
        List<Short> counts = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            List<ConsumerRecord<String, String>> got = poll(consumer);
            counts.addAll(counts(got));
            consumer.acknowledge(got.get(0), AcknowledgeType.RELEASE);
            assertCommitted(consumer);
        }
        clients.send("next");

        List<ConsumerRecord<String, String>> after = poll(consumer);

        assertEquals(List.of((short) 1, (short) 2, (short) 3), counts);
        assertEquals(List.of("next"), values(after));
        consumer.acknowledge(after.get(0), AcknowledgeType.ACCEPT);
    }

    @Test
    void whatAMemberKeepsLongerThanItsLockGoesToAnother() {
        clients.configure("share.record.lock.duration.ms", "1000");
        clients.send("slow");
        KafkaShareConsumer<String, String> slow = clients.explicit();
        List<ConsumerRecord<String, String>> held = poll(slow);
        assertEquals(Optional.of(1_000), slow.acquisitionLockTimeoutMs());

        List<ConsumerRecord<String, String>> taken = poll(clients.implicit());

        assertEquals(List.of("slow"), values(taken));
        assertEquals(List.of((short) 2), counts(taken));
        slow.acknowledge(held.get(0), AcknowledgeType.ACCEPT);
        Map<TopicIdPartition, Optional<KafkaException>> late = slow.commitSync();
        assertInstanceOf(
                org.apache.kafka.common.errors.InvalidRecordStateException.class,
                late.values().iterator().next().orElse(null));
    }

    @Test
    void aRenewedRecordStaysTheMembersOwn() {
        clients.configure("share.record.lock.duration.ms", "3000");
        clients.send("long work");
        KafkaShareConsumer<String, String> worker = clients.explicit();
        List<ConsumerRecord<String, String>> held = poll(worker);
        KafkaShareConsumer<String, String> other = clients.implicit();
        long until = System.nanoTime() + Duration.ofSeconds(6).toNanos();
        List<String> stolen = new ArrayList<>();

        // Renews for twice the lock's duration, while another member asks for records all the time.
        while (System.nanoTime() < until) {
            worker.acknowledge(held.get(0), AcknowledgeType.RENEW);
            assertCommitted(worker);
            worker.poll(Duration.ofMillis(100));
            other.poll(Duration.ofMillis(300)).forEach(record -> stolen.add(record.value()));
        }

        assertEquals(List.of(), stolen);
        worker.acknowledge(held.get(0), AcknowledgeType.ACCEPT);
        assertCommitted(worker);
    }

    @Test
    void recordLimitHoldsToTheRecordAndBatchOptimizedGivesTheBatchWhole() {
        clients.send(IntStream.range(0, 20).mapToObj(Integer::toString).toArray(String[]::new));
        KafkaShareConsumer<String, String> strict =
                clients.consumer(Map.of("share.acquire.mode", "record_limit", "max.poll.records", "3"));
        KafkaShareConsumer<String, String> whole =
                clients.consumer(Map.of("share.acquire.mode", "batch_optimized", "max.poll.records", "3"));

        List<String> limited = values(poll(strict));
        List<String> rest = values(poll(whole));

        assertEquals(List.of("0", "1", "2"), limited);
        assertEquals(17, rest.size());
    }

    @Test
    void severalMembersShareOnePartition() {
        Set<String> sent = new HashSet<>();
        KafkaShareConsumer<String, String> one =
                clients.consumer(Map.of("share.acquire.mode", "record_limit", "max.poll.records", "5"));
        KafkaShareConsumer<String, String> two =
                clients.consumer(Map.of("share.acquire.mode", "record_limit", "max.poll.records", "5"));
        for (int i = 0; i < 10; i++) {
            String[] values = IntStream.range(i * 10, i * 10 + 10)
                    .mapToObj(Integer::toString)
                    .toArray(String[]::new);
            sent.addAll(List.of(values));
            clients.send(values);
        }
        List<String> byOne = new ArrayList<>();
        List<String> byTwo = new ArrayList<>();

        await(() -> {
            one.poll(Duration.ofMillis(50)).forEach(record -> byOne.add(record.value()));
            two.poll(Duration.ofMillis(50)).forEach(record -> byTwo.add(record.value()));
            return byOne.size() + byTwo.size() >= sent.size();
        });

        Set<String> got = new HashSet<>(byOne);
        got.addAll(byTwo);
        assertEquals(sent, got);
        assertEquals(sent.size(), byOne.size() + byTwo.size(), "a record was given twice");
        assertTrue(!byOne.isEmpty() && !byTwo.isEmpty(), byOne.size() + " and " + byTwo.size());
    }

    @Test
    void compressedBatchesAreDeliveredAsTheyLie() {
        List<String> sent = IntStream.range(0, 100).mapToObj(i -> "value " + i).toList();
        clients.send(0, "gzip", sent.toArray(String[]::new));

        assertEquals(sent, pollUntil(clients.implicit(), values -> values.size() == sent.size()));
    }

    @Test
    void aGroupStartsAtTheEndUnlessToldOtherwise() {
        clients.configure("share.auto.offset.reset", "latest");
        clients.send("before");
        KafkaShareConsumer<String, String> consumer = clients.implicit();
        await(() -> {
            consumer.poll(Duration.ofMillis(100));
            return clients.started();
        });

        clients.send("after");

        assertEquals(List.of("after"), values(poll(consumer)));
    }

    @Test
    void whatAMemberHeldIsFreeAsSoonAsItsConnectionEnds() {
        clients.send("a");
        KafkaShareConsumer<String, String> gone = clients.explicit();
        assertEquals(1, poll(gone).size());

        gone.close();

        List<ConsumerRecord<String, String>> got = poll(clients.implicit());
        assertEquals(List.of("a"), values(got));
        assertEquals(List.of((short) 2), counts(got));
    }

    @Test
    void acknowledgedStaysAcknowledgedOverARestartAndTheRestComesBackWithItsCount() {
        clients.send("accepted", "released", "held");
        KafkaShareConsumer<String, String> consumer = clients.explicit();
        List<ConsumerRecord<String, String>> got = poll(consumer);
        consumer.acknowledge(got.get(0), AcknowledgeType.ACCEPT);
        consumer.acknowledge(got.get(1), AcknowledgeType.RELEASE);
        consumer.acknowledge(got.get(2), AcknowledgeType.RENEW);
        assertCommitted(consumer);

        MILLRACE.broker().restart();

        List<ConsumerRecord<String, String>> after = new ArrayList<>();
        KafkaShareConsumer<String, String> other = clients.implicit();
        await(() -> {
            other.poll(Duration.ofMillis(200)).forEach(after::add);
            return after.size() >= 2;
        });
        assertEquals(List.of("released", "held"), values(after));
        // The first member comes back by itself and may have held them meanwhile, which counts too.
        assertTrue(counts(after).get(0) >= 2, counts(after).toString());
    }

    private static void assertCommitted(KafkaShareConsumer<String, String> consumer) {
        consumer.commitSync()
                .forEach((partition, failure) -> assertEquals(Optional.empty(), failure, partition.toString()));
    }
}
