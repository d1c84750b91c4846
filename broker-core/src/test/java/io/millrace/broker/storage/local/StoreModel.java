// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.TestBatches;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;

/**
 * A store with two partitions beside a model of what was appended to it, what of that was acknowledged and what was
 * synced. Each append goes to one partition or to both, as DATA, as STATE or as a pair.
 */
final class StoreModel {
    static final Path DIRECTORY = Path.of("/simulated");
    private static final int BIG_STATE_BYTES = 300_000;
    private static final int PARTITIONS = 2;
    private static final long PATIENCE_S = 30;

    /** What a partition holds: so many batches, so many STATE entries. */
    private record Held(int batches, int states) {}

    /** What the partitions hold after an append. */
    private record Appended(List<Held> each) {}

    /** What an opened store holds. */
    enum Outcome {
        /** At least all that was acknowledged. */
        RECOVERED,
        /** The store or a partition refuses and says why. */
        OFFLINE
    }

    private final List<PartitionId> partitions =
            List.of(new PartitionId(new UUID(1, 1), "orders", 0), new PartitionId(new UUID(2, 2), "status", 0));
    /** Base offsets of the batches that were appended, per partition. */
    private final List<List<Long>> offsets = List.of(new ArrayList<>(), new ArrayList<>());
    /** What stands after each append, the first one before any; those from {@link #acknowledged} on may be found. */
    private final List<Appended> history =
            new ArrayList<>(List.of(new Appended(List.of(new Held(0, 0), new Held(0, 0)))));

    /** One above the highest offset that was acknowledged, per partition: none of those may be given out again. */
    private final long[] given = new long[PARTITIONS];

    private final FlushMode flush;
    private final boolean bigStates;
    private int acknowledged;
    /** The append up to which all is on the medium: no crash of the machine takes it back. */
    private int synced;

    private int epoch = 1;
    private String told = "";
    private final List<Optional<Held>> found = new ArrayList<>();

    StoreModel(FlushMode flush) {
        this(flush, false);
    }

    /**
     * @param bigStates now and then a state entry large enough that state files are rolled
     */
    StoreModel(FlushMode flush, boolean bigStates) {
        this.flush = flush;
        this.bigStates = bigStates;
    }

    LocalLogStore open(SimulatedDisk disk) {
        return LocalLogStore.open(
                LocalStoreOptions.defaults(DIRECTORY)
                        .withJournalFileBytes(64 << 10)
                        .withSegmentBytes(4 << 10)
                        .withIndexIntervalBytes(1 << 10)
                        .withFlush(flush),
                disk);
    }

    /** Opens the store, appends at random and closes it. */
    void work(SimulatedDisk disk, Random random, int appends, int mostBytes) {
        try (LocalLogStore store = open(disk)) {
            append(store, random, appends, mostBytes);
            if (acknowledged == history.size() - 1 && succeeded(store.sync())) {
                synced = acknowledged;
            }
        }
    }

    /** Appends at random until it is done or the store fails; waits for the answers. */
    void append(LocalLogStore store, Random random, int appends, int mostBytes) {
        List<PartitionLog> logs = new ArrayList<>();
        epoch++;
        for (PartitionId partition : partitions) {
            logs.add(await(store.acquire(partition, epoch, cause -> {})));
        }
        List<CompletableFuture<Void>> answers = new ArrayList<>();
        int first = history.size();
        for (int i = 0; i < appends; i++) {
            answers.add(appendOne(store, logs, random, mostBytes));
            if (random.nextInt(4) == 0 && succeeded(answers.get(answers.size() - 1))) {
                acknowledged = history.size() - 1;
                given();
                if (random.nextInt(3) == 0 && succeeded(store.sync())) {
                    synced = acknowledged;
                }
            }
        }
        for (int i = 0; i < answers.size(); i++) {
            if (succeeded(answers.get(i))) {
                acknowledged = Math.max(acknowledged, first + i);
            }
        }
        given();
    }

    private void given() {
        for (int p = 0; p < PARTITIONS; p++) {
            int batches = history.get(acknowledged).each.get(p).batches;
            given[p] =
                    batches == 0 ? given[p] : Math.max(given[p], offsets.get(p).get(batches - 1) + 1);
        }
    }

    private CompletableFuture<Void> appendOne(
            LocalLogStore store, List<PartitionLog> logs, Random random, int mostBytes) {
        List<Held> next = new ArrayList<>(history.get(history.size() - 1).each);
        List<LogAppend> parts = new ArrayList<>();
        int which = random.nextInt(PARTITIONS + 1);
        for (int p = 0; p < PARTITIONS; p++) {
            if (which == p || which == PARTITIONS) {
                Held before = next.get(p);
                long base = logs.get(p).nextOffset();
                boolean data = random.nextInt(4) > 0;
                boolean state = !data || random.nextBoolean();
                ByteBuf batch = data ? TestBatches.batch(base, 1, 1000 + base, random.nextInt(mostBytes)) : null;
                boolean big = bigStates && random.nextInt(4) == 0;
                ByteBuf entry = state
                        ? Unpooled.buffer()
                                .writeInt(before.states)
                                .writeZero(random.nextInt(big ? BIG_STATE_BYTES : 30))
                        : null;
                boolean snapshot = state && random.nextInt(6) == 0;
                next.set(p, new Held(before.batches + (data ? 1 : 0), before.states + (state ? 1 : 0)));
                if (data) {
                    offsets.get(p).add(base);
                }
                parts.add(new LogAppend(logs.get(p), batch, data ? base : -1, 1000 + base, entry, snapshot));
            }
        }
        history.add(new Appended(next));
        return store.append(parts);
    }

    private static boolean succeeded(CompletableFuture<Void> answer) {
        try {
            await(answer);
            return true;
        } catch (StorageException refused) {
            return false;
        }
    }

    /** What a future gives; a StorageException as it is, no end of it within the patience as a hang. */
    private static <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(PATIENCE_S, TimeUnit.SECONDS);
        } catch (ExecutionException failed) {
            if (failed.getCause() instanceof StorageException refused) {
                throw refused;
            }
            throw new AssertionError("not a StorageException", failed.getCause());
        } catch (TimeoutException hang) {
            throw new AssertionError("hangs", hang);
        } catch (InterruptedException stopped) {
            throw new AssertionError(stopped);
        }
    }

    /**
     * Opens the store and holds it against the model. It must hold all acknowledged appends, and of the others the first
     * ones, each whole; or tell CORRUPT with the file.
     */
    Outcome check(SimulatedDisk disk, String what) {
        return check(disk, what, false);
    }

    /**
     * As {@link #check}, where bytes that were not synced may be lost or altered. Under {@code flush=os} each partition by
     * itself must hold the first ones of its appends, each whole, and all that was synced.
     */
    Outcome checkAfterLoss(SimulatedDisk disk, String what) {
        return check(disk, what, flush == FlushMode.OS);
    }

    /** What the last check was told of what is offline. */
    String told() {
        return told;
    }

    private Outcome check(SimulatedDisk disk, String what, boolean lossAllowed) {
        try (LocalLogStore store = open(disk)) {
            found.clear();
            epoch++;
            for (int p = 0; p < PARTITIONS; p++) {
                found.add(held(store, p, what));
            }
            if (lossAllowed) {
                assertPrefixes(what);
            } else {
                assertKept(what);
            }
            return found.contains(Optional.<Held>empty()) ? Outcome.OFFLINE : Outcome.RECOVERED;
        } catch (StorageException refused) {
            assertTold(refused, what);
            found.clear();
            return Outcome.OFFLINE;
        }
    }

    /** What a partition holds; empty when it tells why it is offline. */
    private Optional<Held> held(LocalLogStore store, int p, String what) {
        try {
            PartitionLog log = await(store.acquire(partitions.get(p), epoch, cause -> {}));
            return Optional.of(new Held(readAll(log, p, what), replay(log, what)));
        } catch (StorageException refused) {
            assertTold(refused, what);
            return Optional.empty();
        }
    }

    private void assertTold(StorageException refused, String what) {
        told = String.valueOf(refused.getMessage());
        assertEquals(Reason.CORRUPT, refused.reason(), () -> what + ": " + refused);
        assertTrue(refused.getMessage().contains("/"), () -> what + ": no file in " + refused.getMessage());
    }

    private int readAll(PartitionLog log, int p, String what) {
        assertEquals(0, log.startOffset(), what);
        try {
            List<Long> found = readAll(log, what);
            List<Long> appended = offsets.get(p);
            assertEquals(appended.subList(0, Math.min(found.size(), appended.size())), found, what);
            long end = found.isEmpty() ? 0 : found.get(found.size() - 1) + 1;
            assertTrue(log.durableEndOffset() >= end && log.nextOffset() >= end, what);
            assertTrue(
                    log.nextOffset() >= given[p],
                    () -> what + ": next offset " + log.nextOffset() + ", given out below " + given[p]);
            return found.size();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof StorageException refused) {
                throw refused;
            }
            throw failed;
        }
    }

    /** Base offsets of all batches; offsets that a cut left unused are at the end only, or reads step over them. */
    private static List<Long> readAll(PartitionLog log, String what) {
        List<Long> all = new ArrayList<>();
        boolean nothing = false;
        for (long at = 0; at < log.durableEndOffset(); ) {
            List<Long> some = TestBatches.baseOffsets(log.read(at, 1 << 16).join());
            if (some.isEmpty()) {
                nothing = true;
                at++;
            } else {
                assertFalse(nothing, what + ": a read below " + at + " gives nothing");
                all.addAll(some);
                at = some.get(some.size() - 1) + 1;
            }
        }
        return all;
    }

    private static int replay(PartitionLog log, String what) {
        List<Integer> numbers = new ArrayList<>();
        log.replayState(entry -> numbers.add(entry.getInt(entry.readerIndex())));
        int first = numbers.isEmpty() ? 0 : numbers.get(0);
        assertEquals(IntStream.range(first, first + numbers.size()).boxed().toList(), numbers, what);
        return first + numbers.size();
    }

    /** Of each partition some append from the last synced one on must have left exactly this. */
    private void assertPrefixes(String what) {
        for (int p = 0; p < PARTITIONS; p++) {
            int of = p;
            boolean fits = history.subList(synced, history.size()).stream()
                    .anyMatch(candidate -> fits(found.get(of), candidate, of));
            assertTrue(
                    fits,
                    () -> what + ": partition " + of + " has " + found.get(of) + "; synced: "
                            + history.get(synced).each.get(of) + "; it had "
                            + history.stream()
                                    .map(appended -> appended.each.get(of))
                                    .distinct()
                                    .toList());
        }
    }

    /** Some append from the last acknowledged one on must have left exactly this. */
    private void assertKept(String what) {
        for (int i = acknowledged; i < history.size(); i++) {
            Appended candidate = history.get(i);
            if (IntStream.range(0, PARTITIONS).allMatch(p -> fits(found.get(p), candidate, p))) {
                return;
            }
        }
        throw new AssertionError(what + ": there is " + found + "; acknowledged: append " + acknowledged + ", "
                + history.get(acknowledged) + ", last: append " + (history.size() - 1) + ", "
                + history.get(history.size() - 1));
    }

    private static boolean fits(Optional<Held> found, Appended candidate, int p) {
        return found.map(held -> held.equals(candidate.each.get(p))).orElse(true);
    }

    /** The next work is done on what the last check found, where no partition was offline. */
    void goOn() {
        List<Held> all = found.stream().flatMap(Optional::stream).toList();
        if (all.size() < PARTITIONS) {
            return;
        }
        history.clear();
        history.add(new Appended(all));
        acknowledged = 0;
        synced = 0;
        for (int p = 0; p < PARTITIONS; p++) {
            List<Long> appended = offsets.get(p);
            appended.subList(all.get(p).batches, appended.size()).clear();
        }
    }
}
