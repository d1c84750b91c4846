// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The running demo: broker, application server and the folder they work in. Closing it, from any thread and at any
 * point of its start, ends what has been started, last first.
 */
final class Demo implements AutoCloseable {
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final CountDownLatch end = new CountDownLatch(1);
    private boolean closed;
    private volatile boolean keepFiles;
    private volatile @Nullable DemoBroker broker;
    private volatile @Nullable DemoServer server;

    /**
     * Starts everything; answers with the page's address.
     *
     * @param data the broker's data directory, or {@code null} for one that goes with the demo
     * @param brokerPort 0 for any
     * @param httpPort 0 for any
     */
    URI start(DemoFiles files, @Nullable Path data, int brokerPort, int httpPort) throws IOException {
        Path work = Files.createTempDirectory("millrace-demo");
        started(() -> clean(work));
        DemoBroker newBroker =
                new DemoBroker(data != null ? data : work.resolve("data"), work.resolve("broker.log"), brokerPort);
        broker = newBroker;
        started(newBroker);
        System.out.printf(
                "Broker on port %d (process %d); starting Payara Micro.%n", newBroker.port(), newBroker.pid());
        int http = httpPort != 0 ? httpPort : freePort();
        // Database and broker belong together: what one has committed the other must not have forgotten.
        Path serverFiles = data != null ? data.resolveSibling(data.getFileName() + "-server") : work.resolve("payara");
        DemoServer newServer = new DemoServer(files, serverFiles, work.resolve("payara.log"), http, newBroker.port());
        server = newServer;
        started(newServer);
        newServer.awaitReady();
        return URI.create("http://127.0.0.1:" + http + "/millrace-sample/");
    }

    /** Leaves logs and data where they are when the demo closes, for whoever looks for the reason of a failure. */
    void keepFiles() {
        keepFiles = true;
    }

    /** kill -9 of the broker; it comes back by itself. */
    void killBroker() {
        DemoBroker running = broker;
        if (running != null) {
            running.kill();
        }
    }

    /** kill -9 of the application server; it comes back by itself. */
    void killServer() {
        DemoServer running = server;
        if (running != null) {
            running.kill();
        }
    }

    /** Where Kafka clients find the broker. */
    String bootstrapServers() {
        DemoBroker running = broker;
        return "127.0.0.1:" + (running != null ? running.port() : 0);
    }

    /** Blocks until the demo is closed. */
    void awaitEnd() throws InterruptedException {
        end.await();
    }

    private void started(AutoCloseable part) {
        synchronized (parts) {
            if (!closed) {
                parts.push(part);
                return;
            }
        }
        close(part);
        throw new DemoException("The demo was stopped while it started.");
    }

    @Override
    public void close() {
        DemoBroker running = broker;
        if (running != null) {
            running.expectEnd();
        }
        DemoServer runningServer = server;
        if (runningServer != null) {
            runningServer.expectEnd();
        }
        end.countDown();
        synchronized (parts) {
            closed = true;
            while (!parts.isEmpty()) {
                close(parts.pop());
            }
        }
    }

    private static void close(AutoCloseable part) {
        try {
            part.close();
        } catch (Exception e) {
            System.err.println("While stopping the demo: " + e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void clean(Path work) throws IOException {
        if (keepFiles) {
            System.err.println("Logs and data are kept in " + work);
            return;
        }
        try (Stream<Path> paths = Files.walk(work)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
