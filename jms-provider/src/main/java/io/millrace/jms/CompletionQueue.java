// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a session's completion listeners, one at a time, in the order of the sends, on a thread of its own that the
 * first asynchronous send makes (Jakarta Messaging 3.1, section 7.3).
 */
final class CompletionQueue {
    private static final Logger log = LoggerFactory.getLogger(CompletionQueue.class);

    private final String name;
    private @Nullable ExecutorService executor;
    private volatile @Nullable Thread thread;

    CompletionQueue(String name) {
        this.name = name;
    }

    /** Calls the listener exactly once, when the send has ended and those before it were told. */
    synchronized void add(CompletableFuture<?> sent, Message message, CompletionListener listener, String what) {
        executor().execute(() -> complete(sent, message, listener, what));
    }

    private ExecutorService executor() {
        ExecutorService current = executor;
        if (current == null) {
            current = Executors.newSingleThreadExecutor(task -> {
                Thread made = new Thread(task, name);
                made.setDaemon(true);
                thread = made;
                return made;
            });
            executor = current;
        }
        return current;
    }

    private static void complete(CompletableFuture<?> sent, Message message, CompletionListener listener, String what) {
        JMSException failure = null;
        try {
            JmsErrors.await(sent, what);
        } catch (JMSException e) {
            failure = e;
        }
        try {
            if (failure == null) {
                listener.onCompletion(message);
            } else {
                listener.onException(message, failure);
            }
        } catch (RuntimeException e) {
            log.warn("A completion listener threw", e);
        }
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Waits until the listeners of all sends so far were called. */
    void awaitAll() throws JMSException {
        ExecutorService current;
        synchronized (this) {
            current = executor;
        }
        if (current == null || isCurrentThread()) {
            return;
        }
        try {
            current.submit(() -> {}).get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.withCause(new JMSException("Waiting for sends was interrupted."), e);
        } catch (ExecutionException e) {
            throw JmsErrors.of(e, "Waiting for sends");
        }
    }

    synchronized void close() {
        if (executor != null) {
            executor.shutdown();
        }
    }
}
