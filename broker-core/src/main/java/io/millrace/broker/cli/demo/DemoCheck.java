// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import io.millrace.broker.time.BrokerClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Places orders through HTTP from a few clients at once and waits until the beans have processed each of them.
 *
 * <p>An order that was refused is placed again, as a user would; an order that was accepted must be processed.
 */
final class DemoCheck {
    private static final int CLIENTS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final OrderApi api;
    private final BrokerClock clock;

    DemoCheck(OrderApi api, BrokerClock clock) {
        this.api = api;
        this.clock = clock;
    }

    /**
     * @param accepted orders the server accepted
     * @param refused attempts it refused because the broker was away
     * @param processed orders the beans processed, each counted once
     * @param duplicates deliveries of an order that had been processed before
     */
    record Result(int accepted, int refused, long processed, long duplicates, Duration placing, Duration total) {}

    /** @param onHalf run once, by whichever client places the middle order */
    Result run(int orders, Runnable onHalf) throws IOException, InterruptedException {
        OrderApi.Stats before = api.stats();
        long start = clock.nanos();
        AtomicInteger next = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                running.add(clients.submit(() -> {
                    for (int order = next.getAndIncrement(); order < orders; order = next.getAndIncrement()) {
                        if (order == orders / 2) {
                            onHalf.run();
                        }
                        placeUntilAccepted("order-" + order, refused);
                    }
                    return null;
                }));
            }
            for (Future<?> client : running) {
                client.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof DemoException demo
                    ? demo
                    : new DemoException("Placing orders failed: " + e.getCause(), e);
        } finally {
            clients.shutdownNow();
        }
        long placed = clock.nanos();
        OrderApi.Stats after = awaitProcessed(before.processed() + orders);
        return new Result(
                orders,
                refused.get(),
                after.processed() - before.processed(),
                after.duplicates() - before.duplicates(),
                Duration.ofNanos(placed - start),
                Duration.ofNanos(clock.nanos() - start));
    }

    private void placeUntilAccepted(String item, AtomicInteger refused) throws IOException, InterruptedException {
        long deadline = clock.nanos() + PATIENCE.toNanos();
        while (!api.place(item)) {
            refused.incrementAndGet();
            if (clock.nanos() - deadline > 0) {
                throw new DemoException("No order was accepted for " + PATIENCE.toSeconds() + " s");
            }
            pause();
        }
    }

    private OrderApi.Stats awaitProcessed(long expected) throws IOException, InterruptedException {
        long deadline = clock.nanos() + PATIENCE.toNanos();
        OrderApi.Stats stats = api.stats();
        while (stats.processed() < expected && clock.nanos() - deadline < 0) {
            pause();
            stats = api.stats();
        }
        return stats;
    }

    private static void pause() throws InterruptedException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE.toMillis()));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
