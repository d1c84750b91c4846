// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.protocol.message.Unsubscribe;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Durable subscriptions over {@code kill -9} of the broker. */
@Timeout(120)
class SubscriptionKillTest {
    @TempDir
    Path directory;

    private BrokerProcess start(String name) throws Exception {
        return new BrokerProcess(
                directory.resolve(name + ".err"),
                "start",
                "--data",
                directory.resolve("data").toString(),
                "--port",
                "0");
    }

    private static MillraceTestClient connect(BrokerProcess broker) throws Exception {
        int port = Integer.parseInt(broker.awaitReady().group(1));
        return MillraceTestClient.connected(port, UUID.randomUUID(), "billing");
    }

    private static Subscribe durable(long consumer, String name, String topic) {
        return new Subscribe(
                1, consumer, SubscriptionKind.DURABLE, name, topic, List.of(0), null, false, Subscribe.AT_DEFAULT);
    }

    @Test
    void subscriptionPositionAndClientIdSurviveAKill() throws Exception {
        try (BrokerProcess first = start("first");
                MillraceTestClient client = connect(first)) {
            // Given
            client.openTopic("prices");
            client.openTopic("other");
            client.ok(durable(1, "kept", "prices"));
            client.ok(durable(2, "deleted", "prices"));
            client.ok(durable(3, "replaced", "prices"));
            client.ok(new CloseConsumer(2, List.of()));
            client.ok(new CloseConsumer(3, List.of()));
            client.ok(durable(4, "replaced", "other"));
            client.sendTexts("prices", "acknowledged", "received", "never seen");
            List<Message> got = client.pull(1, 2);
            client.acknowledge(1, 1, AckType.RECEIPT, got.get(1));
            client.acknowledge(1, 1, AckType.ACCEPT, got.get(0));
            client.ok(new Unsubscribe("deleted"));
            // When
            first.kill();
        }
        // Then: the id is free at once, though its client never disconnected
        try (BrokerProcess second = start("second");
                MillraceTestClient client = connect(second)) {
            client.openTopic("prices");
            client.openTopic("other");
            client.ok(durable(1, "kept", "prices"));
            List<Message> got = client.pull(1, 10);
            assertEquals(
                    List.of("received", "never seen"),
                    got.stream().map(Message::text).toList());
            assertEquals(true, got.get(0).redelivered());
            assertEquals(
                    ErrorCode.INVALID_DESTINATION,
                    client.status(new Unsubscribe("deleted")).code());
            client.ok(durable(2, "replaced", "other"));
            assertEquals(List.of(), client.pullNow(2, 10));
        }
    }
}
