// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Finds the branches of a connection whose time-out passes while they are open. One timer for all of them, which runs only
 * while there is one with a time-out: branches come and go by the thousand, their time-outs are seconds. Safe for any
 * thread.
 */
final class XaTimeouts {
    private final XaTimer timer;
    private final Collection<XaBranch> open;
    private final Consumer<XaBranch> passed;
    /** When the timer runs next; {@code null} when it does not. */
    private @Nullable Long nextNanos;

    /**
     * @param open the branches, a live view for any thread
     * @param passed told of each whose time-out has passed, on the timer's thread; may hear of one again
     */
    XaTimeouts(XaTimer timer, Collection<XaBranch> open, Consumer<XaBranch> passed) {
        this.timer = timer;
        this.open = open;
        this.passed = passed;
    }

    long nanoTime() {
        return timer.nanoTime();
    }

    /** A branch that is among the open ones now. */
    void watch(XaBranch branch) {
        Long deadlineNanos = branch.openUntilNanos();
        if (deadlineNanos != null) {
            lookAt(deadlineNanos);
        }
    }

    /** One that is overdue may never run: a connection that gets a client id has new links. */
    private synchronized void lookAt(long deadlineNanos) {
        long now = timer.nanoTime();
        if (nextNanos == null || nextNanos - now <= 0 || deadlineNanos - nextNanos < 0) {
            nextNanos = deadlineNanos;
            timer.schedule(this::look, TimeUnit.NANOSECONDS.toMillis(Math.max(0, deadlineNanos - now)) + 1);
        }
    }

    private void look() {
        synchronized (this) {
            nextNanos = null;
        }
        long now = timer.nanoTime();
        for (XaBranch branch : open) {
            Long deadlineNanos = branch.openUntilNanos();
            if (deadlineNanos != null && deadlineNanos - now <= 0) {
                passed.accept(branch);
            } else if (deadlineNanos != null) {
                lookAt(deadlineNanos);
            }
        }
    }
}
