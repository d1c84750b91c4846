// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.CompletionListener;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a session's completion listeners, one at a time, in the order of the sends, on a thread of its own that lasts
 * while there are asynchronous sends (Jakarta Messaging 3.1, section 7.3). What is sent and not completed is bounded: a
 * send beyond that waits.
 */
final class CompletionQueue {
    private static final Logger log = LoggerFactory.getLogger(CompletionQueue.class);
    private static final long IDLE_S = 10;

    private final String name;
    private final int maxMessages;
    private final long maxBytes;
    private @Nullable ThreadPoolExecutor executor;
    private volatile @Nullable Thread thread;
    private int messages;
    private long bytes;

    /**
     * @param maxMessages the most sends that wait for completion
     * @param maxBytes the most bytes they have; one send is always taken, however large
     */
    CompletionQueue(String name, int maxMessages, long maxBytes) {
        this.name = name;
        this.maxMessages = maxMessages;
        this.maxBytes = maxBytes;
    }

    /** Starts a send. */
    interface Send {
        CompletableFuture<?> start() throws JMSException;
    }

    /**
     * Waits for room, then starts the send; the listener is called exactly once, when the send has ended and those
     * before it were told. A completion listener that sends does not wait: nobody else could make room.
     *
     * @throws JMSException when the send was not started; the listener is not called then
     */
    void send(Send send, long size, Message message, CompletionListener listener, String what) throws JMSException {
        takeRoom(size, what);
        boolean queued = false;
        try {
            CompletableFuture<?> sent = send.start();
            executor().execute(() -> {
                try {
                    complete(sent, message, listener, what);
                } finally {
                    giveRoom(size);
                }
            });
            queued = true;
        } finally {
            if (!queued) {
                giveRoom(size);
            }
        }
    }

    private synchronized void takeRoom(long size, String what) throws JMSException {
        try {
            while (messages > 0 && (messages >= maxMessages || bytes + size > maxBytes) && !isCurrentThread()) {
                wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.withCause(
                    new JMSException(what + " was interrupted as it waited for earlier sends.", "MILLRACE_INTERRUPTED"),
                    e);
        }
        messages++;
        bytes += size;
    }

    private synchronized void giveRoom(long size) {
        messages--;
        bytes -= size;
        notifyAll();
    }

    private synchronized ThreadPoolExecutor executor() {
        ThreadPoolExecutor current = executor;
        if (current == null) {
            current = new ThreadPoolExecutor(1, 1, IDLE_S, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                Thread made = new Thread(task, name);
                made.setDaemon(true);
                thread = made;
                return made;
            });
            current.allowCoreThreadTimeOut(true);
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
        } catch (RuntimeException | Error e) {
            log.warn("A completion listener threw", e);
        } finally {
            // A listener's own interrupt must not reach the next one.
            Thread.interrupted();
        }
    }

    boolean isCurrentThread() {
        return Thread.currentThread() == thread;
    }

    /** Waits until the listeners of all sends so far were called. */
    void awaitAll() throws JMSException {
        ThreadPoolExecutor current;
        synchronized (this) {
            current = executor;
        }
        if (current == null || current.isShutdown() || isCurrentThread()) {
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
