// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is running, closed in the reverse order of its start. Each part gets a bounded time; one that takes longer or
 * fails is logged and the next one follows. Safe for any thread.
 */
final class CloseStack implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CloseStack.class);

    private final Deque<Part> parts = new ArrayDeque<>();
    private final long partTimeoutMs;

    /** @param partTimeoutMs the milliseconds that each part may take to close */
    CloseStack(long partTimeoutMs) {
        this.partTimeoutMs = partTimeoutMs;
    }

    /** Adds a part that has just started. */
    synchronized <T extends AutoCloseable> T add(String name, T part) {
        parts.push(new Part(name, part));
        return part;
    }

    /** Closes everything that was added. Idempotent; blocks. */
    @Override
    public synchronized void close() {
        while (!parts.isEmpty()) {
            closeBounded(parts.pop());
        }
    }

    private void closeBounded(Part part) {
        CountDownLatch closed = new CountDownLatch(1);
        Thread closer = new Thread(
                () -> {
                    part.close();
                    closed.countDown();
                },
                "millrace-close-" + part.name());
        closer.setDaemon(true);
        closer.start();
        try {
            if (!closed.await(partTimeoutMs, TimeUnit.MILLISECONDS)) {
                LOG.warn("The {} did not stop within {} ms, going on without it", part.name(), partTimeoutMs);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            LOG.warn("Interrupted while the {} stopped, going on without it", part.name());
        }
    }

    private record Part(String name, AutoCloseable closeable) {
        void close() {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.warn("The {} did not stop cleanly", name, e);
            }
        }
    }
}
