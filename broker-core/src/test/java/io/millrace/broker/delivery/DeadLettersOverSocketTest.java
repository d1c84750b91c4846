// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Redelivery;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Redelivery policy, dead-letter queue and expiry queue. */
@Timeout(60)
class DeadLettersOverSocketTest {
    private final DeliveryBroker broker = new DeliveryBroker();
    private MillraceTestClient client;

    @BeforeEach
    void connect() {
        client = MillraceTestClient.connected(broker.port());
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    @Test
    void rejectedMessageGoesToTheDeadLetterQueueWithWhatTellsWhy() {
        client.openQueue("orders");
        client.send(
                "orders",
                JmsRecord.builder()
                        .text("bad")
                        .messageId("ID:1")
                        .priority(7)
                        .expirationMs(System.currentTimeMillis() + 600_000)
                        .property("n", 5)
                        .build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message got = client.pull(1, 1).get(0);
        client.acknowledge(1, 1, AckType.RECEIPT, got);

        client.acknowledge(1, 1, AckType.REJECT, got);

        openDeadLetters();
        JmsRecord dead = client.pullMessages(9, 10).get(0);
        assertEquals("bad", dead.text());
        assertEquals("ID:1", dead.messageId());
        assertEquals(7, dead.priority());
        assertEquals(0, dead.expirationMs());
        assertEquals(5, dead.properties().get("n"));
        assertEquals("rejected", dead.properties().get("millrace_dead_reason"));
        assertEquals("orders", dead.properties().get("millrace_original_destination"));
        assertEquals(0, dead.properties().get("millrace_original_partition"));
        assertEquals(0L, dead.properties().get("millrace_original_offset"));
        assertEquals(1, dead.properties().get("millrace_dead_delivery_count"));
        assertTrue(dead.properties().get("millrace_dead_time") instanceof Long);
        assertEquals(List.of(), client.pullNow(1, 10));
    }

    @Test
    void rejectInABundleGoesToTheDeadLetterQueueToo() {
        client.openQueue("orders");
        client.sendTexts("orders", "bad");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message got = client.pull(1, 1).get(0);

        client.ok(new Commit(1, UUID.randomUUID(), List.of(), MillraceTestClient.acks(1, AckType.REJECT, got)));

        openDeadLetters();
        assertEquals("bad", client.pull(9, 1).get(0).text());
    }

    @Test
    void consumerIsKnownByItsIdsAndItsWishesStayWithWhatItAcquired() {
        // Holder's equality leaves the wishes out: an acknowledgement only names the consumer.
        client.openQueue("orders");
        client.sendTexts("orders", "first", "second");
        subscribe(1, "first.dead");
        Message first = client.pull(1, 1).get(0);
        client.acknowledge(1, 1, AckType.RECEIPT, first);
        client.subscribe(1, 2, SubscriptionKind.QUEUE, "orders");
        Message second = client.pull(2, 1).get(0);
        client.acknowledge(1, 2, AckType.RECEIPT, second);

        client.acknowledge(1, 2, AckType.REJECT, second);
        client.acknowledge(1, 1, AckType.REJECT, first);

        open("first.dead");
        assertEquals("first", client.pull(9, 1).get(0).text());
        client.subscribe(9, 10, SubscriptionKind.QUEUE, "DLQ");
        assertEquals("second", client.pull(10, 1).get(0).text());
    }

    private void subscribe(long consumer, String deadLetterQueue) {
        int unset = Redelivery.UNSET;
        client.ok(new Subscribe(
                1,
                consumer,
                SubscriptionKind.QUEUE,
                "",
                "orders",
                List.of(0),
                null,
                false,
                Subscribe.AT_DEFAULT,
                new Redelivery(unset, unset, unset, unset, deadLetterQueue)));
    }

    private static JmsRecord grouped(String text, String group) {
        return JmsRecord.builder().text(text).groupId(group).build();
    }

    @Test
    void whileOneOfAMessageGroupWaitsForItsRedeliveryLaterOnesOfItWaitToo() {
        broker.createTopic("orders", 1, Map.of("millrace.redelivery.delay.ms", "1000"));
        client.openQueue("orders");
        client.send("orders", grouped("a1", "a"), grouped("a2", "a"), grouped("b1", "b"), grouped("a3", "a"));
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message failed = client.pull(1, 1).get(0);
        client.ok(new RecoverSession(1, 1, MillraceTestClient.acks(1, AckType.RECEIPT, failed)));

        List<String> got = new ArrayList<>();
        while (got.size() < 4) {
            MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000)).forEach(message -> got.add(message.text()));
        }

        assertEquals(List.of("b1", "a1", "a2", "a3"), got);
    }

    @Test
    void aMessageGroupIsFreeAgainWhenTheOneThatWaitedIsPurgedAway() {
        broker.createTopic("orders", 1, Map.of("millrace.redelivery.delay.ms", "600000"));
        client.openQueue("orders");
        client.send("orders", grouped("a1", "a"));
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message failed = client.pull(1, 1).get(0);
        client.ok(new RecoverSession(1, 1, MillraceTestClient.acks(1, AckType.RECEIPT, failed)));
        client.ok(new ManageGroup("orders", SubscriptionKind.QUEUE, "orders", ManageGroup.Action.PURGE, "", 0));

        client.send("orders", grouped("a2", "a"));

        List<Message> got = MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000));
        assertEquals(List.of("a2"), got.stream().map(Message::text).toList());
    }

    @Test
    void messageThatCameBackTooOftenIsDeliveredNoMore() {
        broker.createTopic("orders", 1, Map.of("millrace.max.deliveries", "2"));
        client.openQueue("orders");
        client.sendTexts("orders", "poison", "good");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        for (int epoch = 0; epoch < 2; epoch++) {
            Message got = MillraceTestClient.await(client.pullAsync(1, epoch, 1, 10_000))
                    .get(0);
            assertEquals("poison", got.text());
            assertEquals(epoch, got.deliveryCount());
            client.ok(new RecoverSession(1, epoch + 1, MillraceTestClient.acks(1, AckType.RECEIPT, got)));
        }

        List<Message> next = MillraceTestClient.await(client.pullAsync(1, 2, 10, 10_000));

        assertEquals(List.of("good"), next.stream().map(Message::text).toList());
        openDeadLetters();
        JmsRecord dead = client.pullMessages(9, 10).get(0);
        assertEquals("delivery-limit", dead.properties().get("millrace_dead_reason"));
    }

    @Test
    void bufferedMessageThatGoesBackDoesNotCount() {
        broker.createTopic("orders", 1, Map.of("millrace.max.deliveries", "1"));
        client.openQueue("orders");
        client.sendTexts("orders", "a");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        client.pull(1, 1);

        client.ok(new RecoverSession(1, 1, List.of()));

        List<Message> again = MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000));
        assertEquals("a", again.get(0).text());
        assertEquals(0, again.get(0).deliveryCount());
    }

    @Test
    void rolledBackMessageWaitsForItsRedelivery() {
        broker.createTopic("orders", 1, Map.of("millrace.redelivery.delay.ms", "500"));
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message got = client.pull(1, 1).get(0);
        long before = System.currentTimeMillis();

        client.ok(new RecoverSession(1, 1, MillraceTestClient.acks(1, AckType.RECEIPT, got)));

        assertEquals(
                "b",
                MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000))
                        .get(0)
                        .text());
        Message again =
                MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000)).get(0);
        assertEquals("a", again.text());
        assertEquals(1, again.deliveryCount());
        assertTrue(System.currentTimeMillis() >= before + 500);
    }

    @Test
    void expiredMessageGoesToTheExpiryQueueAndStaysThere() {
        broker.createTopic("orders", 1, Map.of("millrace.expiry.queue", "expired"));
        client.openQueue("orders");
        long past = System.currentTimeMillis() - 1;
        client.send("orders", JmsRecord.builder().text("old").expirationMs(past).build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertEquals(List.of(), client.pullNow(1, 10));

        open("expired");
        JmsRecord dead = client.pullMessages(9, 10).get(0);
        assertEquals("expired", dead.properties().get("millrace_dead_reason"));
        assertEquals(past, dead.properties().get("millrace_original_expiration"));
        assertEquals(0, dead.expirationMs());
    }

    @Test
    void messageThatExpiredInAConsumersBufferIsNoDeadLetter() {
        broker.createTopic("orders", 1, Map.of("millrace.expiry.queue", "expired"));
        client.openQueue("orders");
        client.send(
                "orders",
                JmsRecord.builder()
                        .text("old")
                        .expirationMs(System.currentTimeMillis() + 600_000)
                        .build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message got = client.pull(1, 1).get(0);

        client.acknowledge(1, 1, AckType.EXPIRED, got);

        open("expired");
        assertEquals("old", client.pull(9, 10).get(0).text());
    }

    @Test
    void acknowledgedRejectSurvivesACrashAndIsMovedAfterwards() {
        broker.createTopic("orders", 1, Map.of("millrace.dead.letter.queue", "prices"));
        client.openTopic("prices");
        client.openQueue("orders");
        client.sendTexts("orders", "bad");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message got = client.pull(1, 1).get(0);
        client.acknowledge(1, 1, AckType.REJECT, got);
        // A topic cannot take dead letters: the message is kept, and delivered to nobody.
        assertEquals(List.of(), client.pullNow(1, 10));

        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of(), client.pullNow(1, 10));
        broker.configure("orders", Map.of());

        openDeadLetters();
        assertEquals("bad", client.pull(9, 1).get(0).text());
    }

    @Test
    void deadLetterQueueKeepsItsMessages() {
        broker.createTopic("DLQ", 1, Map.of("millrace.max.deliveries", "1"));
        client.openQueue("DLQ");
        client.sendTexts("DLQ", "a");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "DLQ");
        Message got = client.pull(1, 1).get(0);

        client.ok(new RecoverSession(1, 1, MillraceTestClient.acks(1, AckType.RECEIPT, got)));

        assertEquals(
                "a",
                MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000))
                        .get(0)
                        .text());
    }

    private void openDeadLetters() {
        open("DLQ");
    }

    private void open(String queue) {
        Awaitility.await()
                .until(() -> client.status(new OpenDestination(queue, DestinationKind.QUEUE))
                        .isOk());
        client.subscribe(9, 9, SubscriptionKind.QUEUE, queue);
    }
}
