// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.SegmentContent;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Writes a segment that takes the place of neighbouring sealed ones, on the store's cleaner thread. They are synced
 * first, so that recovery never needs the journal for a range that was replaced; the replacement is synced under a name
 * that does not count, then renamed. A failure before that leaves the log as it was.
 */
final class SegmentReplacement {
    private static final int STAGING_BYTES = 256 << 10;

    private final StorePipeline pipeline;
    private final LocalLog log;
    private final List<LogSegment> sealed;

    SegmentReplacement(StorePipeline pipeline, LocalLog log, List<LogSegment> sealed) {
        this.pipeline = pipeline;
        this.log = log;
        this.sealed = List.copyOf(sealed);
    }

    /** Blocks until the swap is durable. */
    void run(SegmentContent content) throws IOException {
        join(pipeline.sync());
        DataStream data = log.files().data();
        List<Segment> replaced = data.find(sealed);
        if (replaced.isEmpty()) {
            throw gone();
        }
        SegmentName name =
                data.replacementName(replaced, sealed.get(sealed.size() - 1).endOffset());
        Segment replacement = data.createReplacement(name);
        try {
            write(content, replacement, name);
            replacement.finish(lastWriteMs());
        } catch (IOException | RuntimeException failure) {
            replacement.doom();
            throw failure;
        }
        replacement.unpin();
        join(pipeline.maintain("replacing segments of " + log.partition(), () -> commit(replaced, name)));
    }

    private void commit(List<Segment> replaced, SegmentName name) throws IOException {
        @Nullable StorageException end = log.endCause();
        if (end != null || log.files().deleted() || !log.files().data().replace(replaced, name)) {
            log.files().data().discardReplacement(name);
            throw new NotReplaced(end == null ? gone() : end);
        }
    }

    /** Ends the commit without taking the store offline. */
    static final class NotReplaced extends RuntimeException {
        private static final long serialVersionUID = 1L;
        private final StorageException reason;

        NotReplaced(StorageException reason) {
            super(reason);
            this.reason = reason;
        }

        StorageException reason() {
            return reason;
        }
    }

    private void write(SegmentContent content, Segment replacement, SegmentName name) throws IOException {
        WriteStaging staging = new WriteStaging(STAGING_BYTES);
        long next = name.baseOffset();
        ByteBuf batches = content.next();
        while (batches != null) {
            try {
                next = write(batches, replacement, staging, next, name.endOffset());
            } finally {
                batches.release();
            }
            @Nullable StorageException end = log.endCause();
            if (end != null) {
                throw end;
            }
            batches = content.next();
        }
        staging.flush();
    }

    private long write(ByteBuf batches, Segment replacement, WriteStaging staging, long from, long end)
            throws IOException {
        long next = from;
        int index = batches.readerIndex();
        while (index < batches.writerIndex()) {
            int left = batches.writerIndex() - index;
            int size = left < BatchLayout.MIN_SIZE ? -1 : BatchLayout.size(batches, index);
            if (size < BatchLayout.MIN_SIZE || size > left) {
                throw new IllegalArgumentException("what replaces segments of " + log.partition()
                        + " is not whole batches at byte " + (index - batches.readerIndex()));
            }
            long base = BatchLayout.baseOffset(batches, index);
            long last = BatchLayout.lastOffset(batches, index);
            if (base < next || last >= end) {
                throw new IllegalArgumentException("what replaces segments of " + log.partition() + " has a batch of "
                        + base + " to " + last + "; it must lie between " + next + " and " + end);
            }
            replacement.append(staging, batches, index, size, 0, next, lastWriteMs());
            next = last + 1;
            index += size;
        }
        return next;
    }

    private long lastWriteMs() {
        return sealed.stream().mapToLong(LogSegment::lastWriteMs).max().orElse(0);
    }

    private StorageException gone() {
        return new StorageException(
                Reason.CLOSED, "segments of " + log.partition() + " that were to be replaced are not there any more");
    }

    private static void join(CompletableFuture<Void> step) {
        try {
            step.join();
        } catch (CompletionException failure) {
            throw StorageErrors.of("replacing segments", failure.getCause() == null ? failure : failure.getCause());
        }
    }
}
