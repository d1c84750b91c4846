// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.message.Pull;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A consumer's wish for records, offered to each of its partitions; whoever takes it first serves it, so one pull never
 * acquires more than its credit. Safe for any thread.
 */
final class PullTicket {
    private final Holder holder;
    private final ConsumerFilter filter;
    private final int maxMessages;
    private final int maxBytes;
    private final Listener listener;
    private final AtomicBoolean taken = new AtomicBoolean();

    /** Hears how a taken ticket ended; called on a partition's loop, only enqueues. */
    interface Listener {
        /** The listener takes over the runs' buffers. Empty when what was claimed turned out to have no records. */
        void onRecords(int partition, List<Pull.Run> runs);

        void onFailure(Throwable failure);
    }

    PullTicket(Holder holder, ConsumerFilter filter, int maxMessages, int maxBytes, Listener listener) {
        this.holder = holder;
        this.filter = filter;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
        this.listener = listener;
    }

    Holder holder() {
        return holder;
    }

    ConsumerFilter filter() {
        return filter;
    }

    int maxMessages() {
        return maxMessages;
    }

    int maxBytes() {
        return maxBytes;
    }

    Listener listener() {
        return listener;
    }

    /** Whether the caller is the one who may serve or end it. */
    boolean take() {
        return taken.compareAndSet(false, true);
    }

    boolean isTaken() {
        return taken.get();
    }
}
