// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import io.millrace.broker.time.BrokerClock;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
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
     * @param repeated accepted orders that were processed more than once
     */
    record Result(int accepted, int refused, int repeated, Duration placing, Duration total) {}

    /**
     * Fails with a {@link DemoException} that names the orders when some are not processed in time.
     *
     * @param onHalf run once, by whichever client places the middle order
     */
    Result run(int orders, Runnable onHalf) throws IOException, InterruptedException {
        long before = api.processed();
        long start = clock.nanos();
        AtomicInteger refused = new AtomicInteger();
        List<String> accepted = place(orders, onHalf, refused);
        long placed = clock.nanos();
        long deadline = placed + PATIENCE.toNanos();
        while (api.processed() < before + orders && clock.nanos() - deadline < 0) {
            pause();
        }
        long processed = clock.nanos();
        return new Result(
                accepted.size(),
                refused.get(),
                countRepeated(accepted, deadline),
                Duration.ofNanos(placed - start),
                Duration.ofNanos(processed - start));
    }

    private List<String> place(int orders, Runnable onHalf, AtomicInteger refused) throws InterruptedException {
        Queue<String> accepted = new ConcurrentLinkedQueue<>();
        AtomicInteger next = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                running.add(clients.submit(() -> {
                    for (int order = next.getAndIncrement(); order < orders; order = next.getAndIncrement()) {
                        if (order == orders / 2) {
                            onHalf.run();
                        }
                        accepted.add(placeUntilAccepted("order-" + order, refused));
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
        return List.copyOf(accepted);
    }

    private String placeUntilAccepted(String item, AtomicInteger refused) throws IOException, InterruptedException {
        long deadline = clock.nanos() + PATIENCE.toNanos();
        Optional<String> id = api.place(item);
        while (id.isEmpty()) {
            refused.incrementAndGet();
            if (clock.nanos() - deadline > 0) {
                throw new DemoException("No order was accepted for " + PATIENCE.toSeconds() + " s.");
            }
            pause();
            id = api.place(item);
        }
        return id.get();
    }

    /** Asks for each accepted order: the count of all may hold some that were stored though refused. */
    private int countRepeated(List<String> accepted, long deadline) throws IOException, InterruptedException {
        int repeated = 0;
        List<String> missing = new ArrayList<>();
        for (String id : accepted) {
            long times = api.timesProcessed(id);
            while (times == 0 && clock.nanos() - deadline < 0) {
                pause();
                times = api.timesProcessed(id);
            }
            if (times == 0) {
                missing.add(id);
            } else if (times > 1) {
                repeated++;
            }
        }
        if (!missing.isEmpty()) {
            throw new DemoException(
                    missing.size() + " of " + accepted.size() + " accepted orders were not processed within "
                            + PATIENCE.toSeconds() + " s, the first is " + missing.get(0) + ".");
        }
        return repeated;
    }

    private static void pause() throws InterruptedException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE.toMillis()));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
