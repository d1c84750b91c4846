// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.storage.LogSegment;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class RetentionTest {
    private static final long HOUR = 3_600_000;
    private static final long NOW = 1_000 * HOUR;

    @Test
    void segmentsWhoseNewestRecordIsTooOldGo() {
        List<LogSegment> log =
                List.of(segment(0, 10, NOW - 3 * HOUR), segment(10, 20, NOW - 2 * HOUR - 1), segment(20, 30, NOW));

        assertEquals(20, newStart(log, Long.MAX_VALUE, "retention.ms", 2 * HOUR));
        assertEquals(10, newStart(log, Long.MAX_VALUE, "retention.ms", 2 * HOUR + 1));
        assertEquals(0, newStart(log, Long.MAX_VALUE, "retention.ms", -1));
    }

    @Test
    void aYoungSegmentKeepsAllBehindIt() {
        List<LogSegment> log = List.of(segment(0, 10, NOW), segment(10, 20, 1));

        assertEquals(0, newStart(log, Long.MAX_VALUE, "retention.ms", HOUR));
    }

    @Test
    void withoutTimestampsTheLastWriteCounts() {
        LogSegment silent = new LogSegment(0, 10, 100, -1, -1, NOW - 2 * HOUR, false);

        assertEquals(10, newStart(List.of(silent), Long.MAX_VALUE, "retention.ms", HOUR));
        assertEquals(0, newStart(List.of(silent), Long.MAX_VALUE, "retention.ms", 3 * HOUR));
    }

    @Test
    void segmentsGoAsLongAsTheSizeIsStillReached() {
        List<LogSegment> log = List.of(segment(0, 10, NOW), segment(10, 20, NOW), segment(20, 30, NOW));

        assertEquals(10, newStart(log, Long.MAX_VALUE, "retention.bytes", 200));
        assertEquals(0, newStart(log, Long.MAX_VALUE, "retention.bytes", 201));
        assertEquals(20, newStart(log, Long.MAX_VALUE, "retention.bytes", 100));
    }

    @Test
    void nothingGoesThatIsStillNeeded() {
        List<LogSegment> log = List.of(segment(0, 10, 1), segment(10, 20, 1));

        assertEquals(0, newStart(log, 9, "retention.ms", HOUR));
        assertEquals(10, newStart(log, 10, "retention.ms", HOUR));
        assertEquals(10, newStart(log, 19, "retention.ms", HOUR));
    }

    @Test
    void aCompactedTopicForgetsNothingByAge() {
        TopicConfig config =
                TopicConfig.of(Map.of("cleanup.policy", "compact", "retention.ms", "1"), BrokerConfig.defaults());

        assertEquals(0, Retention.newStart(List.of(segment(0, 10, 1)), config, Long.MAX_VALUE, NOW));
    }

    @Test
    void anExpiredLogBecomesEmptyAndGoesOn() {
        try (PolicyBroker broker = new PolicyBroker(BrokerConfig.defaults(), Map.of("retention.ms", "" + HOUR))) {
            broker.append(batch(broker.clock.wallMs()));
            broker.clock.advanceMs(HOUR);
            assertEquals(0, broker.partition().retain().join());

            broker.clock.advanceMs(1);
            assertEquals(1, broker.partition().retain().join());

            assertEquals(List.of(), broker.log().segments());
            assertEquals(1, broker.append(batch(broker.clock.wallMs())).baseOffset());
            broker.restart();
            assertEquals(1, broker.partition().startOffset());
        }
    }

    @Test
    void changedSettingsActOnTheRunningPartition() {
        try (PolicyBroker broker = new PolicyBroker(BrokerConfig.defaults(), Map.of())) {
            broker.configure(Map.of("segment.bytes", "4096", "retention.bytes", "4096"));
            for (int i = 0; i < 20; i++) {
                broker.append(batch(broker.clock.wallMs(), new byte[1000]));
            }

            long start = broker.partition().retain().join();

            assertEquals(15, start, broker.log().segments().toString());
        }
    }

    @Test
    void whatAMachineNeedsStaysAlsoWhenItsReleaseIsNotYetDurable() {
        Floor floor = new Floor();
        try (PolicyBroker broker =
                new PolicyBroker(BrokerConfig.defaults(), Map.of("retention.ms", "" + HOUR), p -> floor)) {
            broker.append(batch(1));
            broker.clock.advanceMs(2 * HOUR);
            assertEquals(0, broker.partition().retain().join());

            broker.store.holdAppends();
            CompletableFuture<Appended> release = broker.append(Append.ofState(
                    List.of(new StateRecord((byte) 100, Unpooled.buffer().writeLong(1)))));
            CompletableFuture<Long> retained = broker.partition().retain();
            broker.onOwner(() -> 0);
            assertFalse(retained.isDone());
            assertEquals(0, broker.partition().startOffset());

            broker.store.releaseAppends();
            release.join();
            assertEquals(1, retained.join());
        }
    }

    private static long newStart(List<LogSegment> log, long floor, String key, long value) {
        Map<String, String> settings = new HashMap<>(Map.of("retention.ms", "-1"));
        settings.put(key, Long.toString(value));
        TopicConfig config = TopicConfig.of(settings, BrokerConfig.defaults());
        return Retention.newStart(log, config, floor, NOW);
    }

    private static LogSegment segment(long base, long end, long timestampMs) {
        return new LogSegment(base, end, 100, timestampMs, timestampMs, NOW, true);
    }

    private static ByteBuf batch(long timestampMs, byte... value) {
        try (BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT)) {
            return builder.add(timestampMs, null, value, new ArrayList<>()).build();
        }
    }

    /** Needs what is at or above a number. */
    private static final class Floor implements StateMachine {
        private long floor;

        @Override
        public byte tag() {
            return 100;
        }

        @Override
        public void replay(ByteBuf record) {
            floor = record.readLong();
        }

        @Override
        public long retentionFloor(TopicConfig config) {
            return floor;
        }

        @Override
        public void snapshot(Consumer<StateRecord> writer) {
            writer.accept(new StateRecord((byte) 100, Unpooled.buffer().writeLong(floor)));
        }
    }
}
