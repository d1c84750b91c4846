// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.delivery.MillraceTestClient.Message;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.SubscriptionKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The bound over the windows of all queues together. */
class LookAheadBudgetTest {
    private static final int QUEUES = 8;
    private static final int MESSAGES = 300;
    private static final int BODY_BYTES = 1_000;
    /** A window may exceed its small share by the record that was looked at last. */
    private static final int SMALL_WINDOW_BYTES = LookAhead.SMALL_WINDOW_BYTES + 2 * BODY_BYTES;

    /** Each queue has more waiting than all together may hold ready. */
    @ParameterizedTest
    @CsvSource({"0, false", "100000, false", "100000, true"})
    void windowsOfAllQueuesTogetherStayWithinTheBoundAndEveryMessageIsDelivered(long bound, boolean priorities) {
        DeliverySettings settings =
                DeliverySettings.of(BrokerConfig.of(Map.of("jms.look.ahead.total.bytes", Long.toString(bound))));
        try (DeliveryBroker broker = new DeliveryBroker(settings);
                MillraceTestClient client = MillraceTestClient.connected(broker.port())) {
            for (int queue = 0; queue < QUEUES; queue++) {
                client.openQueue("q" + queue);
                client.send(
                        "q" + queue,
                        IntStream.range(0, MESSAGES)
                                .mapToObj(i -> JmsRecord.builder()
                                        .text("x".repeat(BODY_BYTES))
                                        .priority(priorities ? i % 10 : 4)
                                        .build())
                                .toArray(JmsRecord[]::new));
                client.subscribe(1, queue, SubscriptionKind.QUEUE, "q" + queue);
            }
            long most = 0;
            List<Integer> counts = new ArrayList<>();
            for (int queue = 0; queue < QUEUES; queue++) {
                int received = 0;
                while (received < MESSAGES) {
                    List<Message> got = client.pull(queue, 20);
                    received += got.size();
                    client.acknowledge(1, queue, AckType.ACCEPT, got.toArray(Message[]::new));
                    most = Math.max(most, broker.lookAhead().usedBytes());
                    if (received >= MESSAGES / 2 && counts.size() < queue + 1 && queue < QUEUES - 1) {
                        break; // leaves a window behind that nobody empties
                    }
                }
                counts.add(received);
            }
            assertEquals(MESSAGES, counts.get(QUEUES - 1));
            assertTrue(most <= bound + (long) QUEUES * SMALL_WINDOW_BYTES, most + " bytes");
            for (int queue = 0; queue < QUEUES - 1; queue++) {
                for (int received = counts.get(queue); received < MESSAGES; ) {
                    List<Message> got = client.pull(queue, 20);
                    received += got.size();
                    client.acknowledge(1, queue, AckType.ACCEPT, got.toArray(Message[]::new));
                }
            }
            assertEquals(0, broker.lookAhead().usedBytes());
        }
    }
}
