// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Reads what a scan wants, one read after another, and looks it over; never much of it on the partition's loop. */
final class ScanReader {
    /** After this much a scan tells what it found, be it nothing: consumers are served, others get their turn. */
    private static final long MAX_BYTES = 8 << 20;

    private static final int MAX_READS_AGAIN = 64;
    /** So much may be looked over where the read's end is noticed, be it the loop: handing it over would take longer. */
    private static final int MAX_BYTES_ANYWHERE = 32 << 10;

    private final Partition partition;
    private final ScanCollector collector;
    private final CompletableFuture<ScanCollector> done = new CompletableFuture<>();
    private long bytes;
    private int reads;

    private ScanReader(Partition partition, Scan scan) {
        this.partition = partition;
        this.collector = new ScanCollector(PooledByteBufAllocator.DEFAULT, partition.id(), scan);
    }

    /** Completes on an unspecified thread with what was found; the caller takes over its buffers. */
    static CompletableFuture<ScanCollector> read(Partition partition, Scan scan) {
        ScanReader reader = new ScanReader(partition, scan);
        reader.readNext();
        return reader.done;
    }

    private void readNext() {
        if (collector.isDone() || isEnough()) {
            done.complete(collector);
            return;
        }
        Completions.whenDone(
                CommittedRead.of(
                        partition, collector.nextOffset(), collector.scan().readBytes()),
                this::onRead);
    }

    /** Going on from the cursor, who takes all records is not kept waiting; offsets here and there are collected. */
    private boolean isEnough() {
        boolean forward = collector.scan().forward();
        return bytes >= MAX_BYTES || (forward && collector.hasFound()) || (!forward && reads >= MAX_READS_AGAIN);
    }

    private void onRead(@Nullable CommittedRead slice, @Nullable Throwable failure) {
        if (slice == null) {
            fail(failure == null ? new IllegalStateException("a read gave nothing") : failure);
        } else if (slice.size() > MAX_BYTES_ANYWHERE && partition.inOwner()) {
            // It was read in advance and is there already.
            ScanThreads.execute(() -> lookOver(slice));
        } else {
            lookOver(slice);
        }
    }

    private void lookOver(CommittedRead slice) {
        try (slice) {
            if (slice.size() == 0) {
                collector.skipTo(collector.scan().highWatermark());
            } else {
                reads++;
                bytes += slice.size();
                collector.collect(slice.buffer(), slice.aborted());
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
