// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.storage.LogSlice;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads what a claim took, on the store's threads, one read after another. */
final class ClaimReader {
    private static final int MIN_READ_BYTES = 16 * 1024;
    private static final int GUESSED_RECORD_BYTES = 2 * 1024;

    private final Partition partition;
    private final long highWatermark;
    private final RunCollector collector;
    private final CompletableFuture<RunCollector> done = new CompletableFuture<>();

    private ClaimReader(Partition partition, Claim claim, int maxBytes, long highWatermark) {
        this.partition = partition;
        this.highWatermark = highWatermark;
        this.collector =
                new RunCollector(PooledByteBufAllocator.DEFAULT, partition.id().partition(), claim, maxBytes);
    }

    /** Completes on a thread of the store with what was found; the caller takes over its buffers. */
    static CompletableFuture<RunCollector> read(Partition partition, Claim claim, int maxBytes, long highWatermark) {
        ClaimReader reader = new ClaimReader(partition, claim, maxBytes, highWatermark);
        reader.readNext();
        return reader.done;
    }

    private void readNext() {
        if (collector.isDone()) {
            done.complete(collector);
            return;
        }
        long guess = Math.max(MIN_READ_BYTES, collector.claim().count() * GUESSED_RECORD_BYTES);
        int bytes = (int) Math.min(guess, Math.max(MIN_READ_BYTES, collector.bytesLeft()));
        Completions.whenDone(partition.read(collector.nextOffset(), bytes), this::onRead);
    }

    private void onRead(@Nullable LogSlice slice, @Nullable Throwable failure) {
        if (slice == null) {
            fail(failure == null ? new IllegalStateException("a read gave nothing") : failure);
            return;
        }
        try (slice) {
            if (slice.size() == 0) {
                collector.skipTo(highWatermark);
            } else {
                collector.collect(slice.buffer());
            }
        } catch (RuntimeException defect) {
            fail(defect);
            return;
        }
        readNext();
    }

    private void fail(Throwable failure) {
        collector.release();
        done.completeExceptionally(failure);
    }
}
