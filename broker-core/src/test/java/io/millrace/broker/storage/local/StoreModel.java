// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.LongStream;

/** A store with two partitions beside a model of what was appended to it and what of that was acknowledged. */
final class StoreModel {
    static final Path DIRECTORY = Path.of("/simulated");
    static final LocalStoreOptions OPTIONS = LocalStoreOptions.defaults(DIRECTORY)
            .withJournalFileBytes(64 << 10)
            .withSegmentBytes(4 << 10)
            .withIndexIntervalBytes(1 << 10);
    private static final long PATIENCE_S = 30;

    /** One append to both partitions or to one: offsets and states from there on, per partition. */
    private record Appended(long[] ends, int[] states) {}

    /** What an opened store holds. */
    enum Outcome {
        /** At least all that was acknowledged. */
        RECOVERED,
        /** The store or a partition refuses and says why. */
        OFFLINE
    }

    private final List<PartitionId> partitions =
            List.of(new PartitionId(new UUID(1, 1), "orders", 0), new PartitionId(new UUID(2, 2), "status", 0));
    /** What stands after each append, the first one before any; the last {@link #acknowledged} ones are to be kept. */
    private final List<Appended> history = new ArrayList<>(List.of(new Appended(new long[2], new int[2])));

    private int acknowledged;
    private int epoch = 1;

    /** Opens the store, appends {@code appends} times at random and hands the open store to {@code then}. */
    void work(SimulatedDisk disk, Random random, int appends, int mostBytes) {
        try (LocalLogStore store = LocalLogStore.open(OPTIONS, disk)) {
            append(store, random, appends, mostBytes);
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
            }
        }
        for (int i = 0; i < answers.size(); i++) {
            if (succeeded(answers.get(i))) {
                acknowledged = Math.max(acknowledged, first + i);
            }
        }
    }

    private CompletableFuture<Void> appendOne(
            LocalLogStore store, List<PartitionLog> logs, Random random, int mostBytes) {
        Appended last = history.get(history.size() - 1);
        Appended next = new Appended(last.ends.clone(), last.states.clone());
        List<LogAppend> parts = new ArrayList<>();
        int which = random.nextInt(3);
        for (int i = 0; i < 2; i++) {
            if (which == i || which == 2) {
                long base = logs.get(i).nextOffset();
                boolean data = random.nextInt(4) > 0;
                boolean state = !data || random.nextBoolean();
                ByteBuf batch = data ? TestBatches.batch(base, 1, 1000 + base, random.nextInt(mostBytes)) : null;
                ByteBuf entry =
                        state ? Unpooled.buffer().writeInt(next.states[i]).writeZero(random.nextInt(30)) : null;
                next.ends[i] = data ? base + 1 : next.ends[i];
                next.states[i] += state ? 1 : 0;
                parts.add(new LogAppend(logs.get(i), batch, data ? base : -1, 1000 + base, entry, false));
            }
        }
        history.add(next);
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
    static <T> T await(CompletableFuture<T> future) {
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
     * ones, each whole; or tell CORRUPT with the file. The model goes on from what is found.
     */
    Outcome check(SimulatedDisk disk, String what) {
        try (LocalLogStore store = LocalLogStore.open(OPTIONS, disk)) {
            long[] ends = new long[2];
            int[] states = new int[2];
            boolean offline = false;
            epoch++;
            for (int i = 0; i < 2; i++) {
                try {
                    PartitionLog log = await(store.acquire(partitions.get(i), epoch, cause -> {}));
                    ends[i] = readAll(log, what);
                    states[i] = replay(log, what);
                    assertTrue(log.nextOffset() >= ends[i], what);
                } catch (StorageException refused) {
                    assertTold(refused, what);
                    ends[i] = -1;
                    offline = true;
                }
            }
            assertKept(ends, states, what);
            return offline ? Outcome.OFFLINE : Outcome.RECOVERED;
        } catch (StorageException refused) {
            assertTold(refused, what);
            return Outcome.OFFLINE;
        }
    }

    private static void assertTold(StorageException refused, String what) {
        assertEquals(Reason.CORRUPT, refused.reason(), () -> what + ": " + refused);
        assertTrue(refused.getMessage().contains("/"), () -> what + ": no file in " + refused.getMessage());
    }

    private static long readAll(PartitionLog log, String what) {
        assertEquals(0, log.startOffset(), what);
        try {
            List<Long> offsets = TestBatches.readAll(log);
            assertEquals(LongStream.range(0, offsets.size()).boxed().toList(), offsets, what);
            assertEquals(offsets.size(), log.durableEndOffset(), what);
            return offsets.size();
        } catch (CompletionException failed) {
            if (failed.getCause() instanceof StorageException refused) {
                throw refused;
            }
            throw failed;
        }
    }

    private static int replay(PartitionLog log, String what) {
        List<Integer> numbers = new ArrayList<>();
        log.replayState(entry -> numbers.add(entry.getInt(entry.readerIndex())));
        for (int i = 0; i < numbers.size(); i++) {
            assertEquals(i, numbers.get(i), what);
        }
        return numbers.size();
    }

    /** Some append from the last acknowledged one on must have left exactly this. */
    private void assertKept(long[] ends, int[] states, String what) {
        for (int i = acknowledged; i < history.size(); i++) {
            Appended candidate = history.get(i);
            boolean fits = true;
            for (int p = 0; p < 2; p++) {
                fits &= ends[p] < 0 || (ends[p] == candidate.ends[p] && states[p] == candidate.states[p]);
            }
            if (fits) {
                if (ends[0] >= 0 && ends[1] >= 0) {
                    history.subList(i + 1, history.size()).clear();
                    acknowledged = i;
                }
                return;
            }
        }
        throw new AssertionError(what + ": ends " + List.of(ends[0], ends[1]) + ", states "
                + List.of(states[0], states[1]) + "; acknowledged: " + describe(acknowledged) + ", last: "
                + describe(history.size() - 1));
    }

    private String describe(int index) {
        Appended at = history.get(index);
        return "append " + index + " with ends " + List.of(at.ends[0], at.ends[1]) + ", states "
                + List.of(at.states[0], at.states[1]);
    }
}
