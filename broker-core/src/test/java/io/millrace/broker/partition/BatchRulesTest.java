// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.BrokerException.RecordError;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a topic's settings ask of batches. */
class BatchRulesTest {
    private final PolicyBroker broker = new PolicyBroker(BrokerConfig.defaults(), Map.of());

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void recordsGetTheBrokersTimeWhereTheTopicSaysSo() {
        broker.configure(Map.of("message.timestamp.type", "LogAppendTime"));

        Appended appended = broker.append(batch("k", 1, 2));

        assertEquals(broker.clock.wallMs(), appended.logAppendTimeMs());
        try (LogSlice slice = broker.partition().read(0, 1000).join()) {
            assertTrue(BatchHeader.isLogAppendTime(slice.buffer(), 0));
            assertTrue(BatchHeader.crcIsValid(slice.buffer(), 0));
            assertEquals(broker.clock.wallMs(), BatchHeader.maxTimestamp(slice.buffer(), 0));
        }
        assertEquals(broker.clock.wallMs(), broker.log().segments().get(0).maxTimestampMs());
    }

    @Test
    void producersTimesStayAndAnswersCarryNone() {
        Appended appended = broker.append(batch("k", 5));

        assertEquals(-1, appended.logAppendTimeMs());
    }

    @Test
    void timestampsTooFarFromTheBrokersClockAreRefusedRecordByRecord() {
        broker.configure(Map.of("message.timestamp.after.max.ms", "100", "message.timestamp.before.max.ms", "1000"));
        long now = broker.clock.wallMs();

        BrokerException refused =
                validate(batch("k", now + 100, now + 101, now - 1000, now - 1001), Code.INVALID_TIMESTAMP);

        assertEquals(
                List.of(1, 3),
                refused.recordErrors().stream().map(RecordError::index).toList());
    }

    @Test
    void theHeadersTimestampIsCheckedAtAppendAsWell() {
        ByteBuf batch = batch("k", broker.clock.wallMs() + 3_600_001);

        CompletionException failure = assertThrows(CompletionException.class, () -> broker.append(batch));

        assertEquals(
                Code.INVALID_TIMESTAMP,
                assertInstanceOf(BrokerException.class, failure.getCause()).code());
    }

    @Test
    void aCompactedTopicRefusesRecordsWithoutKey() {
        broker.configure(Map.of("cleanup.policy", "compact"));

        BrokerException refused = validate(batch(null, broker.clock.wallMs()), Code.INVALID_RECORD);

        assertEquals(0, refused.recordErrors().get(0).index());
    }

    @Test
    void aBatchAboveTheTopicsLimitIsTooLarge() {
        broker.configure(Map.of("max.message.bytes", "60"));

        CompletionException failure = assertThrows(CompletionException.class, () -> broker.append(batch("k", 1)));

        assertEquals(
                Code.RECORD_TOO_LARGE,
                assertInstanceOf(BrokerException.class, failure.getCause()).code());
    }

    @Test
    void compactionOfAJmsDestinationIsRefused() {
        Map<String, String> both = Map.of("cleanup.policy", "compact,delete", "millrace.jms.kind", "queue");

        BrokerException refused =
                assertThrows(BrokerException.class, () -> TopicConfigs.check(both, BrokerConfig.defaults()));

        assertEquals(Code.INVALID_CONFIG, refused.code());
    }

    private BrokerException validate(ByteBuf batch, Code code) {
        try {
            BrokerException refused =
                    assertThrows(BrokerException.class, () -> ClientRecords.validate(batch, broker.partition()));
            assertEquals(code, refused.code());
            return refused;
        } finally {
            batch.release();
        }
    }

    private static ByteBuf batch(String key, long... timestamps) {
        try (BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT)) {
            for (long timestamp : timestamps) {
                builder.add(timestamp, key == null ? null : key.getBytes(UTF_8), new byte[] {1}, List.of());
            }
            return builder.build();
        }
    }
}
