// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException.Reason;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link LogStore} does with segments: cutting, listing, sealing, replacing. */
public abstract class SegmentContractTest {
    private static final PartitionId ORDERS = new PartitionId(UUID.randomUUID(), "orders", 0);
    private static final long LONG = 3_600_000;

    private LogStore store;
    private PartitionLog log;

    /** A store over what an earlier one of this test left durable. */
    protected abstract LogStore open();

    @BeforeEach
    void openStore() {
        store = open();
        acquire(1);
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private void acquire(int epoch) {
        log = store.acquire(ORDERS, epoch, cause -> {}).join();
        log.configure(new LogSettings(8 << 10, LONG, 512));
    }

    private void reopen(int epoch) {
        store.close();
        store = open();
        acquire(epoch);
    }

    private void append(int batches) {
        for (int i = 0; i < batches; i++) {
            log.append(TestBatches.next(log, 2, 939)).join();
        }
    }

    private static void assertCoverTheLog(PartitionLog log) {
        long next = log.startOffset();
        List<LogSegment> segments = log.segments();
        for (LogSegment segment : segments) {
            assertTrue(segment.baseOffset() <= next, segments.toString());
            next = segment.endOffset();
        }
        assertEquals(log.durableEndOffset(), next, segments.toString());
    }

    /** Content of single batches, made anew with the same bytes. */
    private static SegmentContent keeping(long... baseOffsets) {
        Deque<ByteBuf> batches = new ArrayDeque<>();
        for (long base : baseOffsets) {
            batches.add(TestBatches.batch(base, 2, 1000 + base, 939));
        }
        return batches::poll;
    }

    private List<LogSegment> sealed() {
        return log.segments().stream().filter(LogSegment::sealed).toList();
    }

    @Test
    void aNewLogHasNoSegmentWithData() {
        assertTrue(log.segments().stream().allMatch(segment -> segment.baseOffset() == segment.endOffset()));
    }

    @Test
    void segmentsAreCutBySizeAndCoverTheLog() {
        append(20);

        assertCoverTheLog(log);
        List<LogSegment> sealed = sealed();
        assertEquals(2, sealed.size(), log.segments().toString());
        for (LogSegment segment : sealed) {
            assertTrue(segment.sizeBytes() <= 9 << 10, segment.toString());
            assertEquals(1000 + segment.endOffset() - 2, segment.maxTimestampMs());
            assertEquals(1000 + segment.baseOffset(), segment.firstTimestampMs());
        }
    }

    @Test
    void firstTimestampOfEachSegmentSurvivesReopening() {
        append(20);
        List<Long> before = firstTimestamps();

        reopen(2);

        assertEquals(before, firstTimestamps().subList(0, before.size()));
    }

    private List<Long> firstTimestamps() {
        return log.segments().stream().map(LogSegment::firstTimestampMs).toList();
    }

    @Test
    void segmentsSurviveReopening() {
        append(20);
        List<Long> bases = sealed().stream().map(LogSegment::baseOffset).toList();

        reopen(2);

        assertCoverTheLog(log);
        assertEquals(
                bases,
                sealed().stream()
                        .map(LogSegment::baseOffset)
                        .limit(bases.size())
                        .toList());
    }

    @Test
    void rollSealsTheSegmentBeingWritten() {
        append(2);

        log.roll().join();

        assertEquals(1, sealed().size());
        assertEquals(4, sealed().get(0).endOffset());
        log.roll().join();
        append(1);
        assertEquals(1, sealed().size(), log.segments().toString());
        assertEquals(4, log.segments().get(1).baseOffset());
        assertEquals(List.of(0L, 2L, 4L), TestBatches.readAll(log));
    }

    @Test
    void trimmingDropsWholeSegments() {
        append(20);
        long end = sealed().get(0).endOffset();

        log.trimPrefix(end).join();

        assertEquals(end, log.segments().get(0).baseOffset());
        assertEquals(end, TestBatches.readAll(log).get(0));
    }

    @Test
    void replacedSegmentsHoldTheNewContentAndKeepTheirRange() {
        append(20);
        List<LogSegment> sealed = sealed();
        long end = sealed.get(1).endOffset();

        log.replace(sealed, keeping(2, 18)).join();

        assertCoverTheLog(log);
        assertEquals(List.of(2L, 18L), baseOffsetsBelow(end));
        assertEquals(List.of(18L), TestBatches.baseOffsets(log.read(4, 1000).join()), "a gap is passed over");
        assertEquals(end, firstFrom(20), "also at a segment's end");
        reopen(2);
        assertCoverTheLog(log);
        assertEquals(List.of(2L, 18L), baseOffsetsBelow(end));
        append(1);
        assertEquals(40L, firstFrom(40));
    }

    @Test
    void replacedSegmentsMayBecomeEmpty() {
        append(20);
        List<LogSegment> sealed = sealed();
        long end = sealed.get(1).endOffset();

        log.replace(sealed, keeping()).join();

        assertEquals(List.of(), baseOffsetsBelow(end));
        assertEquals(end, firstFrom(0));
        reopen(2);
        assertEquals(end, firstFrom(0));
        assertEquals(0, log.startOffset());
    }

    @Test
    void segmentsTrimmedMeanwhileAreNotReplaced() {
        append(20);
        List<LogSegment> sealed = sealed();
        log.trimPrefix(sealed.get(0).endOffset()).join();

        CompletionException failure = assertThrows(
                CompletionException.class, () -> log.replace(sealed, keeping(2)).join());

        assertEquals(Reason.CLOSED, ((StorageException) failure.getCause()).reason());
        assertEquals(sealed.get(0).endOffset(), firstFrom(log.startOffset()));
    }

    @Test
    void contentThatFailsChangesNothing() {
        append(20);

        assertThrows(
                CompletionException.class,
                () -> log.replace(sealed(), () -> {
                            throw new java.io.IOException("no content, on the test's request");
                        })
                        .join());

        assertEquals(20, TestBatches.readAll(log).size());
        append(1);
        assertEquals(21, TestBatches.readAll(log).size());
    }

    private long firstFrom(long offset) {
        return TestBatches.baseOffsets(log.read(offset, 1).join()).get(0);
    }

    private List<Long> baseOffsetsBelow(long end) {
        return TestBatches.readAll(log).stream().filter(base -> base < end).toList();
    }
}
