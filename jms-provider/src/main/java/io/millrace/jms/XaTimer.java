// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

/** By what the time-outs of branches pass. Safe for any thread. */
interface XaTimer {
    /** As {@link System#nanoTime}. */
    long nanoTime();

    /** Runs a short task that does not wait, after a delay; not at all when the connection was closed by then. */
    void schedule(Runnable task, long delayMs);

    /** On the threads of a connection's links. */
    static XaTimer of(MillraceConnection connection) {
        return new XaTimer() {
            @Override
            public long nanoTime() {
                return System.nanoTime();
            }

            @Override
            public void schedule(Runnable task, long delayMs) {
                connection.schedule(task, delayMs);
            }
        };
    }
}
