// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Selectors, priority, delivery delay, expiration and message groups. */
@Timeout(60)
class DeliveryFeaturesOverSocketTest {
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
    void selectorOfAQueueLeavesTheOtherMessagesToOthers() {
        client.openQueue("orders");
        client.send("orders", colored("a", "red"), colored("b", "blue"), colored("c", "red"), colored("d", "blue"));
        client.subscribe(1, 1, "orders", "color = 'red'");
        client.subscribe(1, 2, SubscriptionKind.QUEUE, "orders");

        assertEquals(List.of("a", "c"), texts(client.pull(1, 10)));
        assertEquals(List.of(), client.pullNow(1, 10));
        assertEquals(List.of("b", "d"), texts(client.pull(2, 10)));
    }

    @Test
    void parkedPullWithASelectorIsAnsweredByTheFirstMessageThatMatches() {
        client.openQueue("orders");
        client.subscribe(1, 1, "orders", "color = 'red'");
        var parked = client.pullAsync(1, 0, 10, 20_000);

        client.send("orders", colored("a", "blue"));
        client.send("orders", colored("b", "red"));

        assertEquals(List.of("b"), texts(MillraceTestClient.await(parked)));
    }

    @Test
    void sparseSelectorInADeepBacklogFindsAllAndStallsNobody() {
        client.openQueue("orders");
        int depth = 20_000;
        for (int from = 0; from < depth; from += 1_000) {
            client.send(
                    "orders",
                    IntStream.range(from, from + 1_000)
                            .mapToObj(i -> text("m" + i).property("n", i % 100).build())
                            .toArray(JmsRecord[]::new));
        }
        client.subscribe(1, 1, "orders", "n = 99");
        client.subscribe(1, 2, "orders", "n <> 99");

        List<Message> found = new ArrayList<>();
        while (found.size() < depth / 100) {
            found.addAll(client.pull(1, 7));
            List<Message> others = client.pull(2, 100);
            assertFalse(others.isEmpty());
            client.acknowledge(1, 2, AckType.ACCEPT, others.toArray(Message[]::new));
        }

        assertEquals(
                IntStream.range(0, depth / 100)
                        .mapToObj(i -> "m" + (i * 100 + 99))
                        .toList(),
                texts(found));
        assertEquals(List.of(), client.pullNow(1, 10));
    }

    @Test
    void whatASelectorPassedOverIsDeliveredToALaterConsumerAlsoAfterACrash() {
        client.openQueue("orders");
        client.send("orders", colored("a", "red"), colored("b", "blue"), colored("c", "red"));
        client.subscribe(1, 1, "orders", "color = 'red'");
        List<Message> red = client.pull(1, 10);
        client.acknowledge(1, 1, AckType.ACCEPT, red.toArray(Message[]::new));

        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        List<Message> rest = client.pull(1, 10);
        assertEquals(List.of("b"), texts(rest));
        assertFalse(rest.get(0).redelivered());
    }

    @Test
    void returnedMessagesComeBeforeLaterOnesAndOnlyToThoseWhoseSelectorMatches() {
        client.openQueue("orders");
        client.send("orders", colored("a", "red"), colored("b", "blue"), colored("c", "red"), colored("d", "red"));
        client.subscribe(1, 1, "orders", "color = 'red'");
        List<Message> got = client.pull(1, 2);
        client.subscribe(2, 2, "orders", "color = 'red'");
        client.subscribe(2, 3, "orders", "color = 'blue'");
        assertEquals(List.of("b"), texts(client.pull(3, 10)));

        client.acknowledge(1, 1, AckType.RELEASE, got.get(0), got.get(1));

        assertEquals(List.of("a", "c", "d"), texts(client.pull(2, 10)));
        assertEquals(List.of(), client.pullNow(3, 10));
    }

    @Test
    void higherPriorityIsDeliveredFirst() {
        client.openQueue("orders");
        client.send("orders", prioritized("a", 4), prioritized("b", 0), prioritized("c", 9), prioritized("d", 4));
        client.send("orders", prioritized("e", 9), prioritized("f", 5));
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        List<String> order = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            order.addAll(texts(client.pull(1, 1)));
        }

        assertEquals(List.of("c", "e", "f", "a", "d", "b"), order);
    }

    @Test
    void everyPriorityOfABacklogComesBeforeTheNextLowerOneThoughTheWindowHoldsPartOfIt() {
        client.openQueue("orders");
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int count = 6_000; // six windows
        List<Integer> sent = new ArrayList<>();
        for (int from = 0; from < count; from += 500) {
            JmsRecord[] batch = new JmsRecord[500];
            for (int i = 0; i < batch.length; i++) {
                // What goes first lies beyond what one window can hold.
                int priority = from + i < count / 2 ? random.nextInt(5) : 5 + random.nextInt(4);
                sent.add(priority);
                batch[i] = prioritized("m" + (from + i), priority);
            }
            client.send("orders", batch);
        }
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        List<String> received = new ArrayList<>();
        while (received.size() < count) {
            List<Message> got = client.pull(1, 70);
            received.addAll(texts(got));
            client.acknowledge(1, 1, AckType.ACCEPT, got.toArray(Message[]::new));
        }

        List<String> expected = IntStream.range(0, count)
                .boxed()
                .sorted(Comparator.comparing((Integer i) -> -sent.get(i)))
                .map(i -> "m" + i)
                .toList();
        assertEquals(expected, received, "seed " + seed);
    }

    @Test
    void whereThePrioritiesDifferAConsumerBuffersFewSoThatALaterOneOvertakes() {
        client.openQueue("orders");
        client.send(
                "orders",
                IntStream.range(0, 500)
                        .mapToObj(i -> prioritized("m" + i, i == 0 ? 5 : 4))
                        .toArray(JmsRecord[]::new));
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> buffered = client.pull(1, 400);
        assertEquals(DeliverySettings.DEFAULT.priorityMaxBuffered(), buffered.size());
        var parked = client.pullAsync(1, 0, 400, 20_000);
        client.send("orders", prioritized("urgent", 9));

        client.acknowledge(1, 1, AckType.RECEIPT, buffered.toArray(Message[]::new));

        assertEquals("urgent", texts(MillraceTestClient.await(parked)).get(0));
    }

    @Test
    void whoDrainsGetsAMessageAlthoughItsBufferIsThoughtToBeFull() {
        client.openQueue("orders");
        client.send(
                "orders",
                IntStream.range(0, 500)
                        .mapToObj(i -> prioritized("m" + i, i == 0 ? 5 : 4))
                        .toArray(JmsRecord[]::new));
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        client.pull(1, 400);

        assertEquals(1, client.pullNow(1, 400).size());
    }

    @Test
    void aSelectorThatComesAgainFindsWhatItsFirstConsumerGaveBackAndWhatWasPassedOverForOthers() {
        client.openQueue("orders");
        client.send("orders", colored("a", "red"), colored("b", "blue"), colored("c", "red"), colored("d", "blue"));
        client.subscribe(1, 1, "orders", "color = 'red'");
        assertEquals(List.of("a", "c"), texts(client.pull(1, 10)));
        client.ok(new CloseConsumer(1, List.of()));
        client.send("orders", colored("e", "red"));

        client.subscribe(1, 2, "orders", "color = 'red'");
        client.subscribe(1, 3, "orders", "color = 'blue'");

        assertEquals(List.of("a", "c", "e"), texts(client.pull(2, 10)));
        assertEquals(List.of("b", "d"), texts(client.pull(3, 10)));
    }

    @Test
    void delayedMessageIsDeliveredAtItsTimeAndBlocksNobody() {
        client.openQueue("orders");
        long due = System.currentTimeMillis() + 700;
        client.send(
                "orders", text("late").deliveryTimeMs(due).build(), text("now").build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of("now"), texts(client.pullNow(1, 10)));

        List<Message> late = client.pull(1, 10);

        assertEquals(List.of("late"), texts(late));
        assertTrue(System.currentTimeMillis() >= due);
        assertFalse(late.get(0).redelivered());
    }

    @Test
    void delayedMessageIsStillDelayedAfterACrash() {
        client.openQueue("orders");
        long due = System.currentTimeMillis() + 1_500;
        client.send("orders", text("late").deliveryTimeMs(due).build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of(), client.pullNow(1, 10));

        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertEquals(List.of("late"), texts(client.pull(1, 10)));
        assertTrue(System.currentTimeMillis() >= due);
    }

    @Test
    void expiredMessageIsNotDelivered() {
        client.openQueue("orders");
        long past = System.currentTimeMillis() - 1;
        client.send(
                "orders",
                text("gone").expirationMs(past).build(),
                text("stays").expirationMs(past + 600_000).build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        assertEquals(List.of("stays"), texts(client.pullNow(1, 10)));
        assertEquals(List.of(), client.pullNow(1, 10));
    }

    @Test
    void messageGroupGoesToOneConsumerWhileItHasSomeInFlight() {
        client.openQueue("orders");
        client.send("orders", grouped("a1", "a"), grouped("a2", "a"), grouped("b1", "b"), grouped("a3", "a"));
        MillraceTestClient other = MillraceTestClient.connected(broker.port());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        other.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message first = client.pull(1, 1).get(0);

        assertEquals(List.of("b1"), texts(other.pull(1, 10)));
        assertEquals(List.of(), other.pullNow(1, 10));
        client.acknowledge(1, 1, AckType.ACCEPT, first);
        assertEquals(List.of("a2", "a3"), texts(other.pull(1, 10)));
        assertEquals(List.of(), client.pullNow(1, 10));
        other.close();
    }

    @Test
    void closedConsumersMessageGroupGoesToAnotherInOrder() {
        client.openQueue("orders");
        client.send("orders", grouped("a1", "a"), grouped("a2", "a"), grouped("a3", "a"));
        MillraceTestClient other = MillraceTestClient.connected(broker.port());
        other.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        other.pull(1, 2);
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of(), client.pullNow(1, 10));

        other.close();

        List<String> got = new ArrayList<>();
        while (got.size() < 3) {
            got.addAll(texts(client.pull(1, 10)));
        }
        assertEquals(List.of("a1", "a2", "a3"), got);
    }

    @Test
    void topicSubscriptionsFilterDropsForAllAndLetsTheLogGo() {
        client.openTopic("prices");
        client.ok(new io.millrace.protocol.message.Subscribe(
                1, 1, SubscriptionKind.NON_DURABLE, "", "prices", List.of(0), "color = 'red'", false, -1));
        client.send("prices", colored("a", "blue"), colored("b", "red"));

        List<Message> got = client.pull(1, 10);

        assertEquals(List.of("b"), texts(got));
        client.ok(new RecoverSession(1, 1, List.of()));
        assertEquals(List.of("b"), texts(MillraceTestClient.await(client.pullAsync(1, 1, 10, 10_000))));
    }

    private static JmsRecord.Builder text(String text) {
        return JmsRecord.builder().text(text);
    }

    private static JmsRecord colored(String text, String color) {
        return text(text).property("color", color).build();
    }

    private static JmsRecord prioritized(String text, int priority) {
        return text(text).priority(priority).build();
    }

    private static JmsRecord grouped(String text, String group) {
        return text(text).groupId(group).build();
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::text).toList();
    }
}
