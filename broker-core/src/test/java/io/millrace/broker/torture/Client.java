// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/** A client that works on a thread of its own until it is told to finish. */
abstract class Client {
    private static final long PATIENCE_MS = 900_000;

    private final Thread thread;
    private final AtomicReference<Throwable> failure;
    private volatile boolean finishing;

    /** @param failure takes what ends this client early */
    Client(String name, AtomicReference<Throwable> failure) {
        this.failure = failure;
        this.thread = new Thread(this::guarded, name);
        thread.setDaemon(true);
    }

    final void start() {
        thread.start();
    }

    private void guarded() {
        try {
            work();
        } catch (Exception | AssertionError broken) {
            fail(broken);
        }
    }

    /** Runs until {@link #finishing()}, then settles what is open. */
    abstract void work() throws Exception;

    final void fail(Throwable broken) {
        failure.compareAndSet(null, broken);
    }

    final boolean finishing() {
        return finishing;
    }

    /** Tells the client to finish and waits until it has. */
    final void finish() throws InterruptedException {
        finishing = true;
        thread.join(PATIENCE_MS);
        if (thread.isAlive()) {
            fail(new AssertionError(thread.getName() + " did not finish within " + PATIENCE_MS + " ms; it stands at "
                    + String.join(
                            " < ",
                            Arrays.stream(thread.getStackTrace())
                                    .map(String::valueOf)
                                    .toList())));
        }
    }
}
