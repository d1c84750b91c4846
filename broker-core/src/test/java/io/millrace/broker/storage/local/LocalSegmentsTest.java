// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSettings;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.LogStore;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.SegmentContractTest;
import io.millrace.broker.storage.TestBatches;
import io.millrace.broker.time.ManualClock;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Segments as files: their age, and what a crash leaves of a replacement. */
class LocalSegmentsTest extends SegmentContractTest {
    private static final long SEGMENT_MS = 10_000;

    private final PartitionId status = new PartitionId(UUID.randomUUID(), "status", 0);
    private final ManualClock clock = new ManualClock();

    @TempDir
    Path directory;

    @Override
    protected LogStore open() {
        return LocalLogStore.open(options(directory), clock);
    }

    private static LocalStoreOptions options(Path directory) {
        return LocalStoreOptions.defaults(directory).withJournalFileBytes(64 << 10);
    }

    private PartitionLog acquire(LogStore store, int epoch, long segmentMs) {
        PartitionLog log = store.acquire(status, epoch, cause -> {}).join();
        log.configure(new LogSettings(16 << 10, segmentMs, 1 << 10));
        return log;
    }

    private static void append(PartitionLog log, int batches) {
        for (int i = 0; i < batches; i++) {
            log.append(TestBatches.next(log, 1, 939)).join();
        }
    }

    @Test
    void segmentIsCutByItsAgeWhichARestartDoesNotChange() {
        Path own = directory.resolve("own");
        try (LogStore store = LocalLogStore.open(options(own), clock)) {
            append(acquire(store, 1, SEGMENT_MS), 1);
        }
        clock.advanceMs(SEGMENT_MS - 1);
        try (LogStore store = LocalLogStore.open(options(own), clock)) {
            PartitionLog log = acquire(store, 2, SEGMENT_MS);
            append(log, 1);
            assertEquals(1, log.segments().size());
            clock.advanceMs(1);
            append(log, 1);
            assertEquals(List.of(0L, 2L), bases(log));
        }
    }

    @Test
    void ageOfASegmentThatWasRolledEmptyStartsWithItsFirstBatch() {
        Path own = directory.resolve("own");
        try (LogStore store = LocalLogStore.open(options(own), clock)) {
            PartitionLog log = acquire(store, 1, SEGMENT_MS);
            append(log, 1);
            log.roll().join();
            clock.advanceMs(2 * SEGMENT_MS);
            append(log, 2);
            assertEquals(List.of(0L, 1L), bases(log));
        }
    }

    private static List<Long> bases(PartitionLog log) {
        return log.segments().stream().map(LogSegment::baseOffset).toList();
    }

    private static void replaceBySecondAndThird(PartitionLog log) {
        List<LogSegment> sealed =
                log.segments().stream().filter(LogSegment::sealed).toList();
        Deque<ByteBuf> kept = new ArrayDeque<>();
        kept.add(TestBatches.batch(1, 1, 1001, 939));
        kept.add(TestBatches.batch(2, 1, 1002, 939));
        log.replace(sealed, kept::poll).join();
    }

    @Test
    void readerKeepsWhatItReadsFromWhileThatIsReplaced() throws IOException {
        Path own = directory.resolve("own");
        try (LogStore store = LocalLogStore.open(options(own), clock)) {
            PartitionLog log = acquire(store, 1, Long.MAX_VALUE);
            append(log, 40);
            LogSlice before = log.read(0, 1 << 20).join();
            replaceBySecondAndThird(log);
            assertEquals(0L, TestBatches.baseOffsets(before).get(0));
            assertEquals(1L, TestBatches.readAll(log).get(0));
            assertFalse(Files.exists(segment(own, String.format("%020d.log", 0))));
        }
    }

    private static Path segment(Path store, String name) throws IOException {
        try (Stream<Path> all = Files.walk(store)) {
            return all.filter(path -> path.toString().contains("status-0"))
                    .findFirst()
                    .orElseThrow()
                    .resolve(name);
        }
    }

    /** What a kill leaves at each step: a half-written replacement, or a whole one beside what it replaces. */
    @Test
    void replacementThatACrashCutShortIsUndoneOrFinished() throws IOException {
        Path own = directory.resolve("own");
        byte[] first;
        byte[] replaced;
        List<Long> tail = LongStream.range(32, 40).boxed().toList();
        String replacedName = String.format("%020d-%020d.1.log", 0, 32);
        try (LogStore store = LocalLogStore.open(options(own), clock)) {
            PartitionLog log = acquire(store, 1, Long.MAX_VALUE);
            append(log, 40);
            assertEquals(List.of(0L, 16L, 32L), bases(log));
            first = Files.readAllBytes(segment(own, String.format("%020d.log", 0)));
            replaceBySecondAndThird(log);
            replaced = Files.readAllBytes(segment(own, replacedName));
        }
        Files.write(segment(own, String.format("%020d.log", 0)), first);
        Files.write(segment(own, String.format("%020d-%020d.2.log.cleaned", 0, 32)), first);
        try (LogStore store = LocalLogStore.open(options(own), clock)) {
            PartitionLog log = acquire(store, 2, Long.MAX_VALUE);
            assertEquals(Stream.concat(Stream.of(1L, 2L), tail.stream()).toList(), TestBatches.readAll(log));
            assertFalse(Files.exists(segment(own, String.format("%020d.log", 0))));
            assertFalse(Files.exists(segment(own, String.format("%020d-%020d.2.log.cleaned", 0, 32))));
            assertEquals(replaced.length, Files.size(segment(own, replacedName)));
        }
    }
}
