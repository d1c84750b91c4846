// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Clients of the application that send until they are stopped. */
final class Load {
    private static final int CLIENTS = 4;
    private static final long PAUSE_MS = 200;

    private final Application application;
    private final String queue;
    private final Set<String> accepted = ConcurrentHashMap.newKeySet();
    private final Set<String> unknown = ConcurrentHashMap.newKeySet();
    private final AtomicInteger next = new AtomicInteger();
    private final ExecutorService clients = Executors.newFixedThreadPool(CLIENTS);
    private final CountDownLatch stopped = new CountDownLatch(1);

    Load(Application application, String queue) {
        this.application = application;
        this.queue = queue;
        for (int i = 0; i < CLIENTS; i++) {
            clients.execute(this::send);
        }
    }

    private void send() {
        while (stopped.getCount() > 0) {
            String text = "load-" + next.getAndIncrement();
            if (application.call("connection", queue, text).equals("done")) {
                accepted.add(text);
            } else {
                unknown.add(text);
                pause();
            }
        }
    }

    /** A client that met an error does not insist. */
    private void pause() {
        try {
            boolean unused = stopped.await(PAUSE_MS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits for so many more requests that the application has answered with success. */
    void awaitAccepted(int more) {
        int wanted = accepted.size() + more;
        await().atMost(Application.PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> accepted.size() >= wanted);
    }

    void stop() {
        stopped.countDown();
        clients.shutdown();
        try {
            if (!clients.awaitTermination(Application.PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
                throw new AssertionError("a request to the application did not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    Set<String> accepted() {
        return accepted;
    }

    /** Each accepted message came once, each whose request failed at most once, and nothing else. */
    void check(List<String> received) {
        Set<String> distinct = new HashSet<>(received);
        List<String> doubled = new ArrayList<>(received);
        distinct.forEach(doubled::remove);
        Set<String> lost = new HashSet<>(accepted);
        lost.removeAll(distinct);
        Set<String> strange = new HashSet<>(distinct);
        strange.removeAll(accepted);
        strange.removeAll(unknown);
        assertEquals(
                "lost [], doubled [], strange []", "lost " + lost + ", doubled " + doubled + ", strange " + strange);
    }
}
