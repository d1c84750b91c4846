// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.SubscriptionKind;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A queue's state over a restart of the whole broker. */
@Timeout(60)
class JmsRestartTest {
    @TempDir
    Path directory;

    @Test
    void whatWasAcknowledgedStaysSoAndTheRestComesBackRedelivered() {
        try (EmbeddedBroker broker = EmbeddedBroker.start(directory)) {
            // Given
            try (MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
                client.openQueue("orders");
                client.sendTexts("orders", "acknowledged", "received", "never seen");
                client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
                List<Message> got = client.pull(1, 2);
                assertEquals(Status.OK, client.acknowledge(1, 1, AckType.RECEIPT, got.get(1)));
                assertEquals(Status.OK, client.acknowledge(1, 1, AckType.ACCEPT, got.get(0)));
            }
            // When
            broker.restart();
            // Then
            try (MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
                client.openQueue("orders");
                client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
                List<Message> got = client.pull(1, 10);
                assertEquals(
                        List.of("received", "never seen"),
                        got.stream().map(Message::text).toList());
                assertTrue(got.get(0).redelivered());
            }
        }
    }
}
