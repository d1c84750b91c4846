// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import io.millrace.broker.time.BrokerClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/**
 * Places orders through HTTP from a few clients at once and waits until the beans have shipped each of them.
 *
 * <p>An order that got no answer or was refused is placed again under its id, as the page does; each must be paid and shipped
 * exactly once.
 */
final class DemoCheck {
    private static final int CLIENTS = 8;
    private static final Duration PATIENCE = Duration.ofMinutes(4);
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final OrderApi api;
    private final BrokerClock clock;

    DemoCheck(OrderApi api, BrokerClock clock) {
        this.api = api;
        this.clock = clock;
    }

    /**
     * @param accepted orders the server accepted
     * @param refused attempts that failed because broker or server were away
     * @param price of flour in cents, as the price desk answered
     */
    record Result(int accepted, int refused, long price, Duration placing, Duration total) {}

    /**
     * Fails with a {@link DemoException} that names an order when one is not shipped in time, or more than once.
     *
     * @param onHalf run once, by whichever client places the middle order
     */
    Result run(int orders, Runnable onHalf) throws InterruptedException {
        long start = clock.nanos();
        AtomicInteger refused = new AtomicInteger();
        List<UUID> ids = Stream.generate(UUID::randomUUID).limit(orders).toList();
        place(ids, onHalf, refused);
        long placed = clock.nanos();
        long deadline = placed + PATIENCE.toNanos();
        while (api.shipped() < orders && clock.nanos() - deadline < 0) {
            pause();
        }
        long shipped = clock.nanos();
        for (UUID id : ids) {
            verify(id, deadline);
        }
        return new Result(
                ids.size(),
                refused.get(),
                price(deadline),
                Duration.ofNanos(placed - start),
                Duration.ofNanos(shipped - start));
    }

    private void place(List<UUID> ids, Runnable onHalf, AtomicInteger refused) throws InterruptedException {
        AtomicInteger next = new AtomicInteger();
        ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
        try {
            List<Future<?>> running = new ArrayList<>();
            for (int client = 0; client < CLIENTS; client++) {
                running.add(clients.submit(() -> {
                    for (int order = next.getAndIncrement(); order < ids.size(); order = next.getAndIncrement()) {
                        if (order == ids.size() / 2) {
                            onHalf.run();
                        }
                        placeUntilAccepted(ids.get(order), "order-" + order, refused);
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
    }

    private void placeUntilAccepted(UUID id, String item, AtomicInteger refused) throws InterruptedException {
        long deadline = clock.nanos() + PATIENCE.toNanos();
        while (!api.place(id, item)) {
            refused.incrementAndGet();
            if (clock.nanos() - deadline > 0) {
                throw new DemoException("No order was accepted for " + PATIENCE.toSeconds() + " s.");
            }
            pause();
        }
    }

    private void verify(UUID id, long deadline) throws InterruptedException {
        long shipments = api.shipments(id);
        while (shipments == 0 && clock.nanos() - deadline < 0) {
            pause();
            shipments = api.shipments(id);
        }
        long payments = api.payments(id);
        if (payments != 1 || shipments != 1) {
            throw new DemoException("The accepted order " + id + " was paid " + payments + " times and shipped "
                    + shipments + " times, " + PATIENCE.toSeconds()
                    + " s after the last was placed; it must be once each.");
        }
    }

    private long price(long deadline) throws InterruptedException {
        long price = api.price("Flour");
        while (price == 0 && clock.nanos() - deadline < 0) {
            pause();
            price = api.price("Flour");
        }
        if (price == 0) {
            throw new DemoException("The price desk did not answer a request for the price of flour.");
        }
        return price;
    }

    private static void pause() throws InterruptedException {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(PAUSE.toMillis()));
        if (Thread.interrupted()) {
            throw new InterruptedException();
        }
    }
}
