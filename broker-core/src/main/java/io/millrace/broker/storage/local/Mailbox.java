// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jspecify.annotations.Nullable;

/** A queue from many threads to one. {@link #offer} never blocks. */
final class Mailbox<T> {
    private static final int CHUNK = 1024;
    private final MpscUnboundedArrayQueue<T> queue = new MpscUnboundedArrayQueue<>(CHUNK);
    private volatile @Nullable Thread parked;

    void offer(T item) {
        queue.add(item);
        // The queue's store is ordered only; without the fence it could pass the read of `parked` and lose a wake-up.
        VarHandle.fullFence();
        Thread consumer = parked;
        if (consumer != null) {
            LockSupport.unpark(consumer);
        }
    }

    /** The next item, or {@code null} when there is none now. Consumer only. */
    @Nullable
    T poll() {
        return queue.poll();
    }

    /** The next item, or {@code null} when there is none within a time. Consumer only. */
    @Nullable
    T poll(long maxWaitNanos) {
        long deadline = System.nanoTime() + maxWaitNanos;
        T item = queue.poll();
        long left = maxWaitNanos;
        while (item == null && left > 0) {
            parked = Thread.currentThread();
            if (queue.isEmpty()) {
                LockSupport.parkNanos(this, left);
            }
            parked = null;
            item = queue.poll();
            left = deadline - System.nanoTime();
        }
        return item;
    }

    /** The next item; waits for it. Consumer only. */
    T take() {
        T item = queue.poll();
        while (item == null) {
            await();
            item = queue.poll();
        }
        return item;
    }

    /** Waits for an item, which stays here; may return without one. Consumer only. */
    void await() {
        parked = Thread.currentThread();
        if (queue.isEmpty()) {
            LockSupport.park(this);
        }
        parked = null;
    }

    /** Whether all that the caller has offered was taken. Any thread. */
    boolean isEmpty() {
        return queue.isEmpty();
    }
}
