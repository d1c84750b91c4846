// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Random work on a few partitions beside a plain model of what they hold. A crash is a copy of the data directory, made
 * while the store's threads sync and recycle files, without parts of what was not yet synced (under {@code flush=os}
 * with all of it); what was acknowledged before must be in it. The flush mode changes from run to run.
 */
class LocalStoreModelTest {
    private static final int PARTITIONS = 3;
    private static final int CRASHES = 6;
    private static final int STEPS_BETWEEN_CRASHES = 40;

    private final long seed = System.nanoTime();
    private final Random random = new Random(seed);
    private final List<Model> models = new ArrayList<>();
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private LocalLogStore store;
    private int epoch;
    private long stateCount;
    private FlushMode flush = FlushMode.COMMIT;

    @TempDir
    Path temporary;

    /** What one partition holds once all of {@link #pending} is durable. */
    private static final class Model {
        private final PartitionId id;
        private final List<long[]> batches = new ArrayList<>();
        private final List<Long> state = new ArrayList<>();
        private long start;
        private long end;
        private PartitionLog log;

        Model(PartitionId id) {
            this.id = id;
        }

        /** First and last offset of the batches that hold something at or above the start. */
        List<List<Long>> kept() {
            return batches.stream()
                    .filter(batch -> batch[1] >= start)
                    .map(batch -> List.of(batch[0], batch[1]))
                    .toList();
        }
    }

    @Test
    void holdsWhatTheModelHoldsThroughCrashesAndReopenings() throws IOException {
        System.out.println("seed " + seed);
        for (int i = 0; i < PARTITIONS; i++) {
            models.add(new Model(new PartitionId(UUID.randomUUID(), "topic-" + i, i)));
        }
        Path directory = temporary.resolve("run-0");
        open(directory);
        for (int crash = 1; crash <= CRASHES; crash++) {
            for (int step = 0; step < STEPS_BETWEEN_CRASHES; step++) {
                step();
            }
            settle();
            if (random.nextInt(3) > 0) {
                Path copy = temporary.resolve("run-" + crash);
                Path from = directory;
                store.betweenSyncRounds(() -> crash(from, copy)).join();
                store.close();
                directory = copy;
            } else {
                store.close();
            }
            open(directory);
        }
        store.close();
    }

    private void open(Path directory) {
        flush = random.nextBoolean() ? FlushMode.COMMIT : FlushMode.OS;
        store = LocalLogStore.open(LocalStoreOptions.defaults(directory)
                .withJournalFileBytes(64 << 10)
                .withSegmentBytes(8 << 10)
                .withIndexIntervalBytes(1 << 10)
                .withFlush(flush));
        models.forEach(this::acquire);
    }

    private void acquire(Model model) {
        settle();
        model.log = store.acquire(model.id, ++epoch, cause -> {}).join();
        check(model);
    }

    private void check(Model model) {
        String where = model.id + ", seed " + seed;
        List<Long> state = new ArrayList<>();
        model.log.replayState(entry -> state.add(entry.getLong(entry.readerIndex())));
        assertEquals(model.state, state, where);
        assertEquals(model.start, model.log.startOffset(), where);
        List<List<Long>> read = new ArrayList<>();
        long at = model.start;
        while (at < model.log.durableEndOffset()) {
            List<List<Long>> some = read(model.log, at);
            if (some.isEmpty()) {
                break;
            }
            read.addAll(some);
            at = some.get(some.size() - 1).get(1) + 1;
        }
        assertEquals(model.kept(), read, where);
        long end = model.end;
        assertEquals(end, model.log.durableEndOffset(), where);
        assertEquals(end, model.log.nextOffset(), where);
    }

    private List<List<Long>> read(PartitionLog log, long offset) {
        var slice = log.read(offset, 1 + random.nextInt(1 << 14)).join();
        List<List<Long>> spans = new ArrayList<>();
        ByteBuf buffer = slice.buffer();
        for (int i = buffer.readerIndex(); i < buffer.writerIndex(); i += BatchLayout.size(buffer, i)) {
            spans.add(List.of(BatchLayout.baseOffset(buffer, i), BatchLayout.lastOffset(buffer, i)));
        }
        // Closes the slice, and fails on bytes that were not appended.
        TestBatches.baseOffsets(slice);
        return spans;
    }

    private void step() {
        Model model = models.get(random.nextInt(PARTITIONS));
        int choice = random.nextInt(100);
        if (choice < 80) {
            Map<Model, LogAppend> appends = new LinkedHashMap<>();
            appends.put(model, append(model));
            if (choice < 20) {
                Model other = models.get(random.nextInt(PARTITIONS));
                appends.computeIfAbsent(other, this::append);
            }
            pending.add(store.append(List.copyOf(appends.values())));
        } else if (choice < 90) {
            settle();
            model.start += (long) (random.nextDouble() * (model.log.durableEndOffset() + 1 - model.start));
            model.log.trimPrefix(model.start).join();
        } else if (choice < 93) {
            settle();
            replace(model);
        } else if (choice < 95) {
            model.log.close().join();
            acquire(model);
        } else {
            acquire(model);
        }
    }

    /** Seals what there is and keeps about half of its batches. */
    private void replace(Model model) {
        model.log.roll().join();
        List<LogSegment> sealed =
                model.log.segments().stream().filter(LogSegment::sealed).toList();
        if (sealed.isEmpty()) {
            return;
        }
        long base = sealed.get(0).baseOffset();
        Deque<ByteBuf> kept = new ArrayDeque<>();
        for (long[] batch : List.copyOf(model.batches)) {
            if (batch[0] >= base && random.nextBoolean()) {
                model.batches.remove(batch);
            } else if (batch[0] >= base) {
                kept.add(TestBatches.batch(batch[0], (int) (batch[1] - batch[0]) + 1, 1000 + batch[0], (int) batch[2]));
            }
        }
        model.log.replace(sealed, kept::poll).join();
    }

    private LogAppend append(Model model) {
        int kind = random.nextInt(4);
        long base = model.log.nextOffset();
        int count = 1 + random.nextInt(4);
        ByteBuf data = null;
        if (kind > 0) {
            int payload = random.nextInt(3000);
            data = TestBatches.batch(base, count, 1000 + base, payload);
            model.batches.add(new long[] {base, base + count - 1, payload});
            model.end = base + count;
        }
        ByteBuf state = null;
        boolean snapshot = random.nextInt(10) == 0;
        if (kind < 2) {
            state = Unpooled.buffer().writeLong(stateCount).writeZero(random.nextInt(200_000));
            if (snapshot) {
                model.state.clear();
            }
            model.state.add(stateCount++);
        }
        return new LogAppend(model.log, data, base + count - 1, 1000 + base, state, snapshot && state != null);
    }

    private void settle() {
        pending.forEach(CompletableFuture::join);
        pending.clear();
    }

    /**
     * The journal first, then the checkpoint: each names what is in those copied after it. Not in the middle of a sync
     * round: what that has synced, and built upon, is in no checkpoint yet and would be taken for what a crash may lose.
     */
    private void crash(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        copy(from.resolve("journal"), to.resolve("journal"));
        copyFile(from.resolve("checkpoint"), to.resolve("checkpoint"));
        copy(from.resolve("partitions"), to.resolve("partitions"));
        if (flush == FlushMode.OS) {
            // Only a crash of the process: what was written is there.
            return;
        }
        Checkpoint synced = Checkpoint.read(new NioFileLayer(), to);
        for (Model model : models) {
            Checkpoint.Position position = synced.position(PartitionKey.of(model.id));
            Path partition = to.resolve("partitions").resolve(PartitionFiles.directoryName(model.id));
            for (Path file : new NioFileLayer().list(partition)) {
                if (Segment.isSegment(file)) {
                    long base =
                            Long.parseLong(String.valueOf(file.getFileName()).substring(0, 20));
                    loseTail(file, base, position.dataFile(), position.dataBytes());
                } else if (StateFile.ordinalOf(file) >= 0) {
                    loseTail(file, StateFile.ordinalOf(file), position.stateFile(), position.stateBytes());
                }
            }
        }
    }

    private void loseTail(Path file, long number, long syncedFile, long syncedBytes) throws IOException {
        long kept = number == syncedFile ? syncedBytes : 0;
        if (number >= syncedFile && random.nextBoolean()) {
            try (StoreFile open = new NioFileLayer().open(file)) {
                open.truncate(kept + random.nextInt((int) (open.size() - kept) + 1));
            }
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> entries = Files.list(from)) {
            for (Path entry : entries.toList()) {
                Path target = to.resolve(String.valueOf(entry.getFileName()));
                if (Files.isDirectory(entry)) {
                    copy(entry, target);
                } else {
                    copyFile(entry, target);
                }
            }
        }
    }

    /** The store deletes and renames files meanwhile. */
    private static void copyFile(Path from, Path to) throws IOException {
        if (!Files.exists(from)) {
            return;
        }
        try {
            Files.copy(from, to);
        } catch (NoSuchFileException deleted) {
            Files.deleteIfExists(to);
        }
    }
}
