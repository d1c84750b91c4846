// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListGroups;
import io.millrace.protocol.message.ManageGroup;
import io.millrace.protocol.message.ManageGroup.Action;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What operators do with queues and subscriptions. */
@Timeout(60)
class GroupAdminOverSocketTest {
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
    void listTellsDepthInFlightDelayedConsumersAndAge() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b", "c");
        client.send(
                "orders",
                JmsRecord.builder()
                        .text("d")
                        .deliveryTimeMs(System.currentTimeMillis() + 600_000)
                        .build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        client.acknowledge(1, 1, AckType.ACCEPT, client.pull(1, 1).get(0));
        client.pull(1, 1);
        assertEquals(1, client.pull(1, 10).size());

        Awaitility.await().until(() -> group("orders").delayed() == 1);
        ListGroups.Group orders = group("orders");
        assertEquals(3, orders.depth());
        assertEquals(2, orders.inFlight());
        assertEquals(1, orders.consumers());
        assertEquals(1_700_000_000_000L, orders.oldestMs());
        assertFalse(orders.paused());
    }

    @Test
    void pausedQueueTakesButDoesNotDeliverAlsoAfterACrash() {
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        manage("orders", Action.PAUSE, "", 0);
        client.sendTexts("orders", "a");
        assertEquals(List.of(), client.pullNow(1, 10));

        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of(), client.pullNow(1, 10));
        assertTrue(group("orders").paused());
        var parked = client.pullAsync(1, 0, 10, 20_000);

        manage("orders", Action.RESUME, "", 0);

        assertEquals(List.of("a"), texts(MillraceTestClient.await(parked)));
    }

    @Test
    void purgeDropsWhatWaitsAndLeavesWhatConsumersHave() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b", "c");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        Message mine = client.pull(1, 1).get(0);

        long purged = manage("orders", Action.PURGE, "", 0);

        assertEquals(2, purged);
        assertEquals(List.of(), client.pullNow(1, 10));
        client.acknowledge(1, 1, AckType.RELEASE, mine);
        assertEquals(List.of("a"), texts(client.pull(1, 10)));
    }

    @Test
    void moveTakesWhatWaitsToAnotherQueueInOrder() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b", "c");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        client.pull(1, 1);

        long moved = manage("orders", Action.MOVE, "archive", 0);

        assertEquals(2, moved);
        assertEquals(1, group("orders").depth());
        client.openQueue("archive");
        client.subscribe(1, 2, SubscriptionKind.QUEUE, "archive");
        assertEquals(List.of("b", "c"), texts(client.pull(2, 10)));
    }

    @Test
    void moveToATopicIsRefusedAndLeavesEverything() {
        client.openQueue("orders");
        client.openTopic("prices");
        client.sendTexts("orders", "a");

        var answer = client.call(new ManageGroup("orders", SubscriptionKind.QUEUE, "orders", Action.MOVE, "prices", 0));

        assertEquals(ErrorCode.WRONG_DESTINATION_KIND, answer.status().code());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of("a"), texts(client.pull(1, 10)));
    }

    @Test
    void retryBringsDeadLettersBackWhereTheyCameFrom() {
        client.openQueue("orders");
        client.send("orders", JmsRecord.builder().text("a").messageId("ID:1").build());
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        client.acknowledge(1, 1, AckType.REJECT, client.pull(1, 1).get(0));
        Awaitility.await()
                .until(() -> ((ListGroups.Response) client.call(new ListGroups("orders")))
                                .groups()
                                .get(0)
                                .dead()
                        == 0);
        client.openQueue("DLQ");

        long retried = manage("DLQ", Action.RETRY, "", 0);

        assertEquals(1, retried);
        JmsRecord again = client.pullMessages(1, 10).get(0);
        assertEquals("a", again.text());
        assertEquals("ID:1", again.messageId());
        assertFalse(again.properties().containsKey(DeadLetter.REASON));
        assertEquals(0, group("DLQ").depth());
    }

    @Test
    void resetToTheEarliestDeliversEverythingAgainAndSurvivesACrash() {
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        List<Message> got = client.pull(1, 10);
        client.acknowledge(1, 1, AckType.ACCEPT, got.get(0));

        manage("orders", Action.RESET, "", ManageGroup.EARLIEST);

        assertEquals(
                ErrorCode.STALE_LEASE,
                client.acknowledge(1, 1, AckType.ACCEPT, got.get(1)).code());
        assertEquals(List.of("a", "b"), texts(client.pull(1, 10)));
        broker.crashAndRestart();
        connect();
        client.openQueue("orders");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of("a", "b"), texts(client.pull(1, 10)));
    }

    @Test
    void resetToTheLatestDropsWhatWaits() {
        client.openQueue("orders");
        client.sendTexts("orders", "a");
        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");

        manage("orders", Action.RESET, "", ManageGroup.LATEST);

        client.sendTexts("orders", "b");
        assertEquals(List.of("b"), texts(client.pull(1, 10)));
    }

    @Test
    void unknownDestinationAndGroupAreRefusedWithASentence() {
        client.openTopic("prices");

        assertEquals(
                ErrorCode.INVALID_DESTINATION,
                client.call(new ManageGroup("none", SubscriptionKind.QUEUE, "none", Action.PURGE, "", 0))
                        .status()
                        .code());
        assertEquals(
                ErrorCode.INVALID_DESTINATION,
                client.call(new ManageGroup("prices", SubscriptionKind.DURABLE, "x/y", Action.PURGE, "", 0))
                        .status()
                        .code());
    }

    private ListGroups.Group group(String destination) {
        return ((ListGroups.Response) client.ok(new ListGroups(destination)))
                .groups()
                .get(0);
    }

    private long manage(String queue, Action action, String target, long startAtMs) {
        return ((ManageGroup.Response)
                        client.ok(new ManageGroup(queue, SubscriptionKind.QUEUE, queue, action, target, startAtMs)))
                .count();
    }

    private static List<String> texts(List<Message> messages) {
        return messages.stream().map(Message::text).toList();
    }
}
