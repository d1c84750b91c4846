// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.RangeMap.Span;
import io.millrace.broker.partition.AbortedTransactions;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.jms.JmsRecordCodec;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.RecordReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Lanes with filters, priorities, delays, expiration and message groups over random histories, against one entry for
 * each record.
 */
class LookAheadModelTest {
    private static final PartitionId PARTITION = new PartitionId(new UUID(1, 1), "orders", 0);
    private static final ConsumerFilter[] FILTERS = {
        new ConsumerFilter("n = 0", null), new ConsumerFilter("n < 2", null), ConsumerFilter.NONE
    };

    /** What the model knows of a record. */
    private static final class Entry {
        private boolean gap;
        private int n;
        private int priority;
        private String group;
        private long expirationMs;
        private long deliveryTimeMs;
        private boolean isFinal;
        private boolean acquired;
        private long wakeMs;
        private Holder holder = new Holder(0, 0, 0);

        boolean isDue(long nowMs) {
            return !gap && !isFinal && !acquired && wakeMs <= nowMs && deliveryTimeMs <= nowMs && !isExpired(nowMs);
        }

        boolean isExpired(long nowMs) {
            return expirationMs != 0 && expirationMs <= nowMs;
        }
    }

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final List<Entry> model = new ArrayList<>();
    private final List<ByteBuf> log = new ArrayList<>();
    private final List<Pull.Run> held = new ArrayList<>();
    private final DeliveryRules rules =
            new JmsRules(SubscriptionKind.QUEUE, () -> new RedeliveryPolicy(-1, 0, 1, 0, "", "", false));
    private final GroupPartition engine = new GroupPartition(0);
    private final LookAheadBudget budget = new LookAheadBudget(1 << 20);
    private final LookAhead lookAhead = new LookAhead(engine, rules, 20, 4_000, 60, budget);
    private Scan scan;
    private long nowMs = 1_000;
    private long lease;
    private String step = "";
    private boolean priorities;

    @AfterEach
    void releaseBuffers() {
        lookAhead.clear();
        held.forEach(run -> run.records().release());
        log.forEach(batch -> assertEquals(1, batch.refCnt(), step));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void everyRecordIsDeliveredToAMatchingConsumerInOrderAndNothingIsLost(boolean withPriorities) {
        priorities = withPriorities;
        for (int i = 0; i < 4_000; i++) {
            step = "seed " + seed + " step " + i;
            act();
        }
        nowMs += 10_000;
        Holder last = new Holder(9, 9, 9);
        for (Span<Acquired> span : engine.inFlight().where(any -> true)) {
            settle(span, true);
        }
        for (int i = 0; i < 10_000 && engine.lowWatermark() < model.size(); i++) {
            step = "seed " + seed + " end " + i;
            engine.wake(nowMs);
            serve(last, ConsumerFilter.NONE, 7);
            for (Span<Acquired> span : engine.inFlight().where(any -> true)) {
                settle(span, true);
            }
            scan();
        }
        assertEquals(model.size(), engine.lowWatermark(), step);
    }

    private void act() {
        switch (random.nextInt(12)) {
            case 0 -> append();
            case 1, 2, 3 -> scan();
            case 4, 5, 6 -> {
                int who = random.nextInt(4);
                serve(new Holder(1, who % 2, who), FILTERS[who % FILTERS.length], 1 + random.nextInt(8));
            }
            case 7, 8, 9 -> settleOne();
            case 10 -> {
                nowMs += random.nextInt(5);
                engine.wake(nowMs);
            }
            default -> leaveSometimes();
        }
    }

    private void leaveSometimes() {
        if (random.nextInt(10) == 0) {
            int who = random.nextInt(4);
            lookAhead.leave(new Holder(1, who % 2, who)::equals);
        }
    }

    private void append() {
        try (BatchBuilder builder = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)) {
            int count = 1 + random.nextInt(6);
            for (int i = 0; i < count; i++) {
                Entry entry = new Entry();
                entry.n = random.nextInt(4);
                entry.priority = priorities ? random.nextInt(10) : 4;
                entry.group = random.nextInt(3) == 0 ? "g" + random.nextInt(3) : null;
                entry.expirationMs = random.nextInt(8) == 0 ? nowMs + random.nextInt(60) : 0;
                entry.deliveryTimeMs = random.nextInt(8) == 0 ? nowMs + random.nextInt(60) : 0;
                OutgoingRecord record = JmsRecordCodec.encode(JmsRecord.builder()
                        .text("m" + model.size())
                        .priority(entry.priority)
                        .groupId(entry.group)
                        .expirationMs(entry.expirationMs)
                        .deliveryTimeMs(entry.deliveryTimeMs)
                        .property("n", entry.n)
                        .build());
                builder.add(record.timestampMs(), record.key(), record.value(), record.headers());
                model.add(entry);
            }
            ByteBuf batch = builder.build();
            BatchHeader.setBaseOffset(batch, 0, model.size() - count);
            log.add(batch);
            if (random.nextInt(5) == 0) {
                Entry gap = new Entry();
                gap.gap = true;
                gap.isFinal = true;
                model.add(gap);
            }
        }
    }

    /** Begins a scan, or ends the one under way. */
    private void scan() {
        if (scan == null) {
            scan = lookAhead.nextScan(any -> true, model.size(), nowMs);
            return;
        }
        Scan made = scan;
        scan = null;
        ScanCollector collector = new ScanCollector(UnpooledByteBufAllocator.DEFAULT, PARTITION, made);
        if (random.nextInt(10) == 0) {
            lookAhead.onScanFailed(made);
            return;
        }
        int batches = 1 + random.nextInt(5);
        while (!collector.isDone() && batches-- > 0) {
            ByteBuf batch = batchAt(collector.nextOffset());
            if (batch == null) {
                collector.skipTo(made.highWatermark());
            } else {
                collector.collect(batch.duplicate(), AbortedTransactions.NONE);
            }
        }
        lookAhead.onScanned(collector);
    }

    private ByteBuf batchAt(long offset) {
        for (ByteBuf batch : log) {
            if (BatchHeader.lastOffset(batch, 0) >= offset) {
                return batch;
            }
        }
        return null;
    }

    private void serve(Holder holder, ConsumerFilter filter, int max) {
        Lane lane = lookAhead.join(holder, filter);
        lookAhead.onServe(lane);
        if (!lookAhead.isReady(lane, model.size()) || lookAhead.next(lane, holder, nowMs) == null) {
            lookAhead.onNothingFor(lane, holder);
            return;
        }
        Acquisition acquisition = new Acquisition(engine, 0, holder, ++lease, rules);
        acquisition.fill(lookAhead, lane, max, 100_000, nowMs);
        int count = 0;
        for (Pull.Run run : acquisition.runs()) {
            held.add(run);
            try (RecordReader reader =
                    RecordReader.ofRun(run.records(), run.baseOffset(), run.baseTimestampMs(), run.count())) {
                while (reader.hasNext()) {
                    onDelivered(holder, filter, (int) reader.next().offset());
                    count++;
                }
            }
        }
        assertTrue(count > 0 && count <= max, step);
    }

    private void onDelivered(Holder holder, ConsumerFilter filter, int offset) {
        Entry entry = model.get(offset);
        String at = step + " offset " + offset;
        assertTrue(entry.isDue(nowMs), at);
        assertTrue(matches(entry, filter), at);
        assertTrue(isOpen(entry, holder), at);
        if (!priorities) {
            for (int i = 0; i < offset; i++) {
                Entry earlier = model.get(i);
                boolean passedOver = earlier.isDue(nowMs) && matches(earlier, filter) && isFree(earlier);
                // A delay that has just ended may not be noticed yet.
                assertFalse(passedOver && earlier.deliveryTimeMs == 0, at + " before " + i);
            }
        }
        entry.acquired = true;
        entry.holder = holder;
    }

    private boolean isFree(Entry entry) {
        return entry.group == null
                || (!isHeld(entry)
                        && model.stream().noneMatch(other -> other.acquired && entry.group.equals(other.group)));
    }

    /** Whether one of its message group waits for its redelivery. */
    private boolean isHeld(Entry entry) {
        return model.stream()
                .anyMatch(other -> entry.group.equals(other.group) && !other.isFinal && other.wakeMs > nowMs);
    }

    private boolean isOpen(Entry entry, Holder holder) {
        return entry.group == null
                || (!isHeld(entry)
                        && model.stream()
                                .noneMatch(other -> other.acquired
                                        && entry.group.equals(other.group)
                                        && !other.holder.equals(holder)));
    }

    private static boolean matches(Entry entry, ConsumerFilter filter) {
        return filter.equals(FILTERS[0]) ? entry.n == 0 : !filter.equals(FILTERS[1]) || entry.n < 2;
    }

    private void settleOne() {
        List<Span<Acquired>> spans = engine.inFlight().where(any -> true);
        if (!spans.isEmpty()) {
            settle(spans.get(random.nextInt(spans.size())), random.nextInt(3) == 0);
        }
    }

    private void settle(Span<Acquired> span, boolean accept) {
        long wakeMs = !accept && random.nextInt(3) == 0 ? nowMs + 1 + random.nextInt(10) : 0;
        if (accept) {
            engine.replayFinal(span.first(), span.last());
        } else if (wakeMs != 0) {
            engine.replayDelayed(span.first(), span.last(), wakeMs);
        } else {
            engine.giveBack(span.first(), span.last());
        }
        for (long at = span.first(); at <= span.last(); at++) {
            Entry entry = model.get((int) at);
            assertTrue(entry.acquired, step);
            entry.acquired = false;
            entry.isFinal = accept;
            entry.wakeMs = wakeMs;
        }
    }
}
