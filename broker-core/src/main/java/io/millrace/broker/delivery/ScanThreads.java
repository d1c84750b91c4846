// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that look over what scans have read, where else a loop would have to. Shared by all brokers of the
 * process; they end by themselves when there is nothing to do. Any thread.
 */
final class ScanThreads {
    private static final int COUNT = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    private static final long IDLE_SECONDS = 10;
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final ThreadPoolExecutor THREADS = new ThreadPoolExecutor(
            COUNT, COUNT, IDLE_SECONDS, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), ScanThreads::thread);

    static {
        THREADS.allowCoreThreadTimeOut(true);
    }

    private ScanThreads() {}

    private static Thread thread(Runnable task) {
        Thread thread = new Thread(task, "millrace-scan-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
        return thread;
    }

    static void execute(Runnable task) {
        THREADS.execute(task);
    }
}
