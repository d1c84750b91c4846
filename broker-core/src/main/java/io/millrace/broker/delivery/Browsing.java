// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.protocol.message.Browse;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.selector.InvalidSelectorException;
import io.millrace.protocol.selector.Selector;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Answers one page of a queue browser: the owner loop tells which offsets the queue has not finished with, everything
 * else happens on the store's read threads. A page looks at a bounded number of offsets and of bytes, so that neither a
 * deep queue nor a sparse selector holds anything up; nothing is kept between pages.
 */
final class Browsing {
    /** Offsets of one page: bounds what the owner loop looks at. */
    private static final int WINDOW = 1 << 16;

    private static final int READ_BYTES = 256 << 10;
    private static final long MOST_READ_BYTES = 8L << 20;
    private static final int MOST_PAGE_BYTES = 4 << 20;

    private final Partition partition;
    private final Browse request;
    private final @Nullable Selector selector;
    private final long nowMs;
    private final CompletableFuture<Browse.Response> answer = new CompletableFuture<>();
    private long endOffset;
    private long readBytes;

    private Browsing(Partition partition, Browse request, @Nullable Selector selector, long nowMs) {
        this.partition = partition;
        this.request = request;
        this.selector = selector;
        this.nowMs = nowMs;
    }

    /** Completes on an unspecified thread; the caller takes over the buffers. Fails with a coded exception. */
    static CompletableFuture<Browse.Response> page(Partitions partitions, Browse request, long nowMs) {
        if (request.fromOffset() < 0
                || request.endOffset() < Browse.NOW
                || request.maxMessages() < 1
                || request.maxBytes() < 1) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A browser of " + request.destination() + " asks for " + request.maxMessages() + " messages, "
                            + request.maxBytes() + " bytes, from offset " + request.fromOffset() + " to "
                            + request.endOffset() + "; the least is 1, 1, 0 and -1");
        }
        TopicInfo topic = partitions.destination(request.destination());
        if (topic == null) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION, "There is no queue " + request.destination() + "; open it first");
        }
        JmsKind.check(topic, DestinationKind.QUEUE);
        Partition partition = partitions.get(topic, request.partition());
        Browsing browsing = new Browsing(partition, request, selector(request), nowMs);
        Completions.whenDone(Calls.run(partition::execute, browsing::start), (done, failure) -> {
            if (failure != null) {
                browsing.answer.completeExceptionally(failure);
            }
        });
        return browsing.answer;
    }

    private static @Nullable Selector selector(Browse request) {
        String text = request.selector();
        if (text == null || text.isBlank()) {
            return null;
        }
        try {
            return Selector.parse(text);
        } catch (InvalidSelectorException invalid) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A browser of " + request.destination() + " has an invalid selector: " + invalid.getMessage());
        }
    }

    /** On the owner loop. */
    private void start() {
        long highWatermark = partition.lastStableOffset();
        endOffset = request.endOffset() == Browse.NOW ? highWatermark : Math.min(request.endOffset(), highWatermark);
        long from = Math.max(request.fromOffset(), partition.startOffset());
        DeliveryGroup group = DeliveryMachines.of(partition)
                .find(GroupKey.ofQueue(partition.id().topic()));
        if (group != null) {
            from = Math.max(from, group.engine().lowWatermark());
        }
        long end = Math.min(endOffset, from + WINDOW);
        if (from >= end) {
            answer.complete(new Browse.Response(Status.OK, endOffset, endOffset, List.of()));
            return;
        }
        List<OffsetRange> unfinished = group == null
                ? List.of(new OffsetRange(from, end - 1))
                : group.engine().unfinished(from, end - 1);
        read(new BrowsePage(
                partition.id(),
                unfinished,
                end,
                selector,
                nowMs,
                request.maxMessages(),
                Math.min(request.maxBytes(), MOST_PAGE_BYTES)));
    }

    private void read(BrowsePage page) {
        if (page.isDone() || readBytes >= MOST_READ_BYTES) {
            answer.complete(new Browse.Response(Status.OK, page.nextOffset(), endOffset, page.runs()));
            return;
        }
        Completions.whenDone(
                CommittedRead.of(partition, page.nextOffset(), READ_BYTES),
                (slice, failure) -> onRead(page, slice, failure));
    }

    private void onRead(BrowsePage page, @Nullable CommittedRead slice, @Nullable Throwable failure) {
        if (slice == null) {
            onFailed(page, failure == null ? new IllegalStateException("a read gave nothing") : failure);
            return;
        }
        try (slice) {
            readBytes += slice.size();
            page.collect(slice.buffer(), slice.aborted());
        } catch (RuntimeException defect) {
            onFailed(page, defect);
            return;
        }
        read(page);
    }

    private void onFailed(BrowsePage page, Throwable failure) {
        boolean trimmed = Completions.unwrap(failure) instanceof BrokerException refused
                && refused.code() == BrokerException.Code.OFFSET_OUT_OF_RANGE;
        if (trimmed) {
            // What was to be read has gone meanwhile; the next page begins after it.
            answer.complete(new Browse.Response(Status.OK, page.nextOffset(), endOffset, page.runs()));
        } else {
            page.release();
            answer.completeExceptionally(failure);
        }
    }
}
