// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Reads the next piece of a log while a reader who goes through it in large pieces still works on the last one. One
 * budget for all partitions; what is not asked for is given up, oldest first. Any thread.
 */
final class ReadAhead {
    private static final int SMALLEST_PIECE = 64 << 10;
    private static final int MOST_READERS = 256;

    private final long budgetBytes;
    private final LinkedHashMap<Position, Next> nexts = new LinkedHashMap<>();
    private long reservedBytes;

    /** @param budgetBytes the most bytes held for readers that have not asked yet; 0 for no reading ahead */
    ReadAhead(long budgetBytes) {
        this.budgetBytes = budgetBytes;
    }

    /** As {@link PartitionLog#read}. */
    CompletableFuture<LogSlice> read(PartitionLog log, long offset, int maxBytes) {
        if (maxBytes < SMALLEST_PIECE || budgetBytes == 0) {
            return log.read(offset, maxBytes);
        }
        Next next = take(new Position(log, offset));
        CompletableFuture<LogSlice> ready = next == null ? null : next.slice;
        CompletableFuture<LogSlice> read;
        if (next != null && ready != null && next.maxBytes <= maxBytes) {
            read = ready.thenCompose(
                    slice -> isShort(log, slice, maxBytes) ? again(log, offset, maxBytes, slice) : done(slice));
        } else {
            giveUp(next);
            read = log.read(offset, maxBytes);
        }
        return read.whenComplete((slice, failure) -> {
            if (slice != null && slice.size() > maxBytes / 2) {
                expect(new Position(log, endOffset(slice)), maxBytes, next != null);
            }
        });
    }

    /** Gives up what was read of a log that is not served any more. */
    void forget(PartitionLog log) {
        List<Next> given = new ArrayList<>();
        synchronized (this) {
            Iterator<Map.Entry<Position, Next>> entries = nexts.entrySet().iterator();
            while (entries.hasNext()) {
                Map.Entry<Position, Next> entry = entries.next();
                if (entry.getKey().log == log) {
                    entries.remove();
                    release(entry.getValue());
                    given.add(entry.getValue());
                }
            }
        }
        given.forEach(ReadAhead::giveUp);
    }

    /** The log's end was near when it was read, and has moved on. */
    private static boolean isShort(PartitionLog log, LogSlice slice, int maxBytes) {
        return slice.size() <= maxBytes / 2 && (slice.size() == 0 || endOffset(slice) < log.durableEndOffset());
    }

    private static CompletableFuture<LogSlice> again(PartitionLog log, long offset, int maxBytes, LogSlice old) {
        old.close();
        return log.read(offset, maxBytes);
    }

    private static CompletableFuture<LogSlice> done(LogSlice slice) {
        return CompletableFuture.completedFuture(slice);
    }

    private synchronized @Nullable Next take(Position position) {
        Next next = nexts.remove(position);
        if (next != null) {
            release(next);
        }
        return next;
    }

    /** @param sequential whether the reader has come from where it was expected: only then it pays to read for it */
    private void expect(Position position, int maxBytes, boolean sequential) {
        boolean worthwhile = sequential && maxBytes <= budgetBytes && position.offset < position.log.durableEndOffset();
        Next next = new Next(maxBytes, worthwhile ? position.log.read(position.offset, maxBytes) : null);
        List<Next> given = new ArrayList<>();
        synchronized (this) {
            Next old = nexts.put(position, next);
            reservedBytes += next.reserved();
            if (old != null) {
                release(old);
                given.add(old);
            }
            Iterator<Next> oldest = nexts.values().iterator();
            while (reservedBytes > budgetBytes || nexts.size() > MOST_READERS) {
                Next first = oldest.next();
                oldest.remove();
                release(first);
                given.add(first);
            }
        }
        given.forEach(ReadAhead::giveUp);
    }

    private void release(Next next) {
        reservedBytes -= next.reserved();
    }

    private static void giveUp(@Nullable Next next) {
        if (next != null && next.slice != null) {
            Completions.whenDone(next.slice, (slice, failure) -> {
                if (slice != null) {
                    slice.close();
                }
            });
        }
    }

    private static long endOffset(LogSlice slice) {
        ByteBuf batches = slice.buffer();
        int index = batches.readerIndex();
        int last = index;
        while (index < batches.writerIndex()) {
            last = index;
            index += BatchLayout.size(batches, index);
        }
        return BatchLayout.lastOffset(batches, last) + 1;
    }

    private record Position(PartitionLog log, long offset) {}

    /** Where a reader is expected and, once it was met there before, what it will ask for. */
    private record Next(int maxBytes, @Nullable CompletableFuture<LogSlice> slice) {
        int reserved() {
            return slice == null ? 0 : maxBytes;
        }
    }
}
