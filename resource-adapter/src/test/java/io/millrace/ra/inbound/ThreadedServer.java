// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.XATerminator;
import jakarta.resource.spi.work.ExecutionContext;
import jakarta.resource.spi.work.Work;
import jakarta.resource.spi.work.WorkContext;
import jakarta.resource.spi.work.WorkException;
import jakarta.resource.spi.work.WorkListener;
import jakarta.resource.spi.work.WorkManager;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.util.Timer;
import java.util.TimerTask;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The part of a server that the adapter uses: real threads and a timer, no transactions. */
final class ThreadedServer implements BootstrapContext, WorkManager, AutoCloseable {
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicInteger works = new AtomicInteger();
    private final long longestWaitMs;

    ThreadedServer() {
        this(Long.MAX_VALUE);
    }

    /** @param longestWaitMs after which its timer fires at the latest, for tests that move the clock themselves */
    ThreadedServer(long longestWaitMs) {
        this.longestWaitMs = longestWaitMs;
    }

    @Override
    public WorkManager getWorkManager() {
        return this;
    }

    @Override
    public Timer createTimer() {
        return new Timer("server-timer", true) {
            @Override
            public void schedule(TimerTask task, long delayMs) {
                super.schedule(task, Math.min(delayMs, longestWaitMs));
            }
        };
    }

    /** How often a thread was asked for. */
    int works() {
        return works.get();
    }

    @Override
    public void scheduleWork(Work work) {
        works.incrementAndGet();
        threads.execute(work);
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }

    @Override
    public XATerminator getXATerminator() {
        throw new AssertionError("The adapter imports no transactions");
    }

    @Override
    public boolean isContextSupported(Class<? extends WorkContext> type) {
        return false;
    }

    @Override
    public TransactionSynchronizationRegistry getTransactionSynchronizationRegistry() {
        throw new AssertionError("These endpoints are not transacted");
    }

    @Override
    public void doWork(Work work) throws WorkException {
        throw new AssertionError("The adapter blocks no thread of the server");
    }

    @Override
    public void doWork(Work work, long startTimeout, ExecutionContext context, WorkListener listener)
            throws WorkException {
        doWork(work);
    }

    @Override
    public long startWork(Work work) {
        throw new AssertionError("The adapter schedules its work");
    }

    @Override
    public long startWork(Work work, long startTimeout, ExecutionContext context, WorkListener listener) {
        return startWork(work);
    }

    @Override
    public void scheduleWork(Work work, long startTimeout, ExecutionContext context, WorkListener listener) {
        scheduleWork(work);
    }
}
