// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.LogSegment;
import io.millrace.broker.storage.LogSettings;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;

/** Where a log in memory is cut; it holds no data. Guarded by the store's lock. */
final class MemorySegments {
    private final BrokerClock clock;
    private final List<Cut> cuts = new ArrayList<>();
    private LogSettings settings = new LogSettings(1 << 30, Long.MAX_VALUE, 4096);

    MemorySegments(BrokerClock clock) {
        this.clock = clock;
    }

    void configure(LogSettings changed) {
        settings = changed;
    }

    void onBatch(ByteBuf batch) {
        long now = clock.wallMs();
        Cut active = active();
        if (active != null
                && (active.bytes + batch.readableBytes() > settings.segmentBytes()
                        || now - active.createdMs >= settings.segmentMs())) {
            roll();
            active = null;
        }
        if (active == null) {
            active = new Cut(BatchLayout.baseOffset(batch, 0), now);
            cuts.add(active);
        }
        active.add(batch, now);
    }

    void roll() {
        Cut active = active();
        if (active != null) {
            active.sealed = true;
        }
    }

    void trimTo(long startOffset) {
        cuts.removeIf(cut -> cut.endOffset <= startOffset);
    }

    List<LogSegment> list() {
        return cuts.stream().map(Cut::snapshot).toList();
    }

    /** Makes one segment of several; false when one of them is not there any more. */
    boolean merge(List<LogSegment> sealed, List<byte[]> content) {
        int first = indexOf(sealed.get(0));
        for (int i = 0; i < sealed.size(); i++) {
            if (first < 0 || indexOf(sealed.get(i)) != first + i) {
                return false;
            }
        }
        LogSegment last = sealed.get(sealed.size() - 1);
        Cut merged = new Cut(sealed.get(0).baseOffset(), cuts.get(first).createdMs);
        content.forEach(batch -> merged.add(Unpooled.wrappedBuffer(batch), last.lastWriteMs()));
        merged.endOffset = last.endOffset();
        merged.lastWriteMs = last.lastWriteMs();
        merged.sealed = true;
        cuts.subList(first, first + sealed.size()).clear();
        cuts.add(first, merged);
        return true;
    }

    private int indexOf(LogSegment segment) {
        for (int i = 0; i < cuts.size(); i++) {
            Cut cut = cuts.get(i);
            if (cut.sealed && cut.baseOffset == segment.baseOffset() && cut.endOffset == segment.endOffset()) {
                return i;
            }
        }
        return -1;
    }

    private Cut active() {
        return cuts.isEmpty() || cuts.get(cuts.size() - 1).sealed ? null : cuts.get(cuts.size() - 1);
    }

    private static final class Cut {
        private final long baseOffset;
        private final long createdMs;
        private long endOffset;
        private long bytes;
        private long firstTimestampMs = -1;
        private long maxTimestampMs = -1;
        private long lastWriteMs;
        private boolean sealed;

        Cut(long baseOffset, long createdMs) {
            this.baseOffset = baseOffset;
            this.createdMs = createdMs;
        }

        void add(ByteBuf batch, long nowMs) {
            endOffset = BatchLayout.lastOffset(batch, 0) + 1;
            firstTimestampMs = bytes == 0 ? BatchLayout.maxTimestampMs(batch, 0) : firstTimestampMs;
            bytes += batch.readableBytes();
            maxTimestampMs = Math.max(maxTimestampMs, BatchLayout.maxTimestampMs(batch, 0));
            lastWriteMs = nowMs;
        }

        LogSegment snapshot() {
            return new LogSegment(baseOffset, endOffset, bytes, firstTimestampMs, maxTimestampMs, lastWriteMs, sealed);
        }
    }
}
