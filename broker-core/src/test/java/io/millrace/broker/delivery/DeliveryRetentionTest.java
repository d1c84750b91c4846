// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.PolicyBroker;
import io.millrace.broker.partition.StateRecord;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What may go by age once groups of JMS receive from a log. */
class DeliveryRetentionTest {
    private static final long HOUR = 3_600_000;

    private PolicyBroker broker;

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void whatAQueueHasNotConsumedIsNeverDeletedByAge() {
        start("queue");
        sendTwoOfLongAgo();
        assertEquals(0, broker.retain(), "nobody has received from the queue yet");

        state(DeliveryRecords.groupCreated(1, GroupKey.ofQueue(PolicyBroker.TOPIC), 0));
        assertEquals(0, broker.retain());
        consumed(1);
        assertEquals(0, broker.retain(), "the first message is not consumed");
        broker.restart();
        assertEquals(0, broker.retain());
    }

    @Test
    void whatAQueueHasConsumedGoesByAge() {
        start("queue");
        state(DeliveryRecords.groupCreated(1, GroupKey.ofQueue(PolicyBroker.TOPIC), 0));
        sendTwoOfLongAgo();

        consumed(1);
        consumed(0);

        assertEquals(2, broker.retain());
    }

    @Test
    void whatIsConsumedAndYoungStays() {
        start("queue");
        state(DeliveryRecords.groupCreated(1, GroupKey.ofQueue(PolicyBroker.TOPIC), 0));
        broker.append(batch());

        consumed(0);

        assertEquals(0, broker.retain());
    }

    @Test
    void aTopicWithoutDurableSubscriptionsGoesByAgeAlone() {
        start("topic");
        sendTwoOfLongAgo();

        assertEquals(2, broker.retain());
    }

    private void start(String kind) {
        broker = new PolicyBroker(
                BrokerConfig.defaults(),
                Map.of("millrace.jms.kind", kind, "retention.ms", Long.toString(HOUR)),
                new DeliveryMachines(DeliverySettings.DEFAULT));
    }

    private void sendTwoOfLongAgo() {
        broker.append(batch());
        broker.append(batch());
        broker.clock.advanceMs(2 * HOUR);
    }

    private void consumed(long offset) {
        state(DeliveryRecords.finals(1, List.of(new OffsetRange(offset, offset))));
    }

    private void state(StateRecord record) {
        broker.append(Append.ofState(List.of(record))).join();
    }

    private ByteBuf batch() {
        try (BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT)) {
            builder.add(broker.clock.wallMs(), null, "a".getBytes(StandardCharsets.UTF_8), List.of());
            return builder.build();
        }
    }
}
