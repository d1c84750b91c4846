// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import io.netty.buffer.ByteBuf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * Measures by hand, not in the build: {@code fill <directory> <partitions> <MiB> <commit|os>} appends and halts as a
 * kill would, {@code recover <directory> <partitions> <commit|os>} times opening and acquiring.
 */
final class StoreMeasurement {
    private static final int BATCH_BYTES = 16 << 10;

    private StoreMeasurement() {}

    public static void main(String[] arguments) {
        Path directory = Path.of(arguments[1]);
        int partitions = Integer.parseInt(arguments[2]);
        FlushMode mode = FlushMode.of(arguments[arguments.length - 1]);
        long start = System.nanoTime();
        LocalLogStore store =
                LocalLogStore.open(LocalStoreOptions.defaults(directory).withFlush(mode));
        System.out.println("open " + sinceMs(start) + " ms");
        List<CompletableFuture<PartitionLog>> acquired = new ArrayList<>();
        int epoch = (int) (System.currentTimeMillis() / 1000);
        for (int i = 0; i < partitions; i++) {
            acquired.add(store.acquire(new PartitionId(new UUID(7, i), "topic", i), epoch, cause -> {}));
        }
        List<PartitionLog> logs = acquired.stream().map(CompletableFuture::join).toList();
        System.out.println("open and acquire " + sinceMs(start) + " ms");
        if (arguments[0].equals("fill")) {
            fill(logs, Long.parseLong(arguments[3]) << 20);
        }
        Runtime.getRuntime().halt(0);
    }

    private static void fill(List<PartitionLog> logs, long bytes) {
        ByteBuf batch = TestBatches.batch(0, 16, 1000, BATCH_BYTES);
        long start = System.nanoTime();
        List<CompletableFuture<Void>> pending = new ArrayList<>();
        long appends = bytes / BATCH_BYTES;
        for (long i = 0; i < appends; i++) {
            PartitionLog log = logs.get((int) (i % logs.size()));
            long base = log.nextOffset();
            ByteBuf copy = batch.copy().setLong(0, base);
            pending.add(log.append(LogAppend.ofData(log, copy, base + 15, 1000)));
            if (pending.size() > 64) {
                pending.remove(0).join();
            }
        }
        pending.forEach(CompletableFuture::join);
        long ms = Math.max(1, sinceMs(start));
        System.out.println(appends + " appends of 16 KiB in " + ms + " ms: " + bytes / 1000 / ms + " MB/s, "
                + appends * 1000 / ms + " appends/s");
    }

    private static long sinceMs(long start) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }
}
