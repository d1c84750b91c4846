// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What travels from owner loops through the journal thread to the apply thread, in order. */
sealed interface PipelineItem {

    /** Whether it must not wait for others to come. */
    default boolean isAwaited() {
        return true;
    }

    /** One atomic append. Mutable fields belong to the thread that has the frame. */
    final class Frame implements PipelineItem {
        private final List<FrameEntry> entries;
        private final CompletableFuture<Void> future = new CompletableFuture<>();
        private final long bytes;
        private final boolean journaled;
        private final boolean awaited;
        private @Nullable StorageException failure;
        private long sequence;

        /**
         * @param journaled false when it only has to keep its place behind others
         * @param awaited whether somebody waits for it
         */
        Frame(List<FrameEntry> entries, boolean journaled, boolean awaited) {
            this.entries = entries;
            this.journaled = journaled;
            this.awaited = awaited;
            entries.forEach(entry -> entry.log().enterPipeline());
            this.bytes = JournalLayout.frameBytes(entries);
        }

        List<FrameEntry> entries() {
            return entries;
        }

        CompletableFuture<Void> future() {
            return future;
        }

        boolean journaled() {
            return journaled;
        }

        @Override
        public boolean isAwaited() {
            return awaited;
        }

        /** Bytes in the journal. */
        long bytes() {
            return bytes;
        }

        @Nullable
        StorageException failure() {
            return failure;
        }

        /** The first failure stays. */
        void fail(StorageException cause) {
            if (failure == null) {
                failure = cause;
            }
        }

        long sequence() {
            return sequence;
        }

        void sequence(long given) {
            sequence = given;
        }

        /** Ends a frame that will not be applied. */
        void abandon(StorageException cause) {
            entries.forEach(FrameEntry::release);
            future.completeExceptionally(cause);
            leave();
        }

        /** Ends its way, after its future is done: only then may an append of these logs pass the pipeline by. */
        void leave() {
            entries.forEach(entry -> entry.log().leavePipeline());
        }
    }

    /** Completes once all that was enqueued before is applied. A log it names takes no append that comes after. */
    record Barrier(@Nullable LocalLog log, @Nullable StorageException closing, CompletableFuture<Void> future)
            implements PipelineItem {}

    /** The log's segment that is being written ends behind all that was enqueued before. */
    record Roll(LocalLog log, CompletableFuture<Void> future) implements PipelineItem {}

    /** A sync round is due; completes when its checkpoint is written. */
    record SyncRequest(CompletableFuture<Void> future) implements PipelineItem {
        SyncRequest() {
            this(new CompletableFuture<>());
        }
    }

    /** The last item. */
    record Stop() implements PipelineItem {}
}
