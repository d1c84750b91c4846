// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigLoader;
import io.millrace.broker.server.MillraceBroker;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Unmatched;

/** {@code ./millrace start}: runs a broker until the process is told to end. */
@Command(
        name = "start",
        description = "Starts a broker in the foreground; prints one line when it serves. SIGTERM or Ctrl-C stop it.")
final class StartCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(StartCommand.class);
    private static final long STARTING_MS = 3_000;

    /** Not picocli's to understand: {@link StartOptions}. */
    @Unmatched
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        return run(arguments);
    }

    /**
     * Blocks until the broker has ended.
     *
     * @return the process's exit code: 0 done, 1 failed, 2 called wrongly
     */
    static int run(List<String> arguments) throws InterruptedException {
        try {
            StartOptions options = StartOptions.parse(arguments);
            switch (options.wanted()) {
                case HELP -> System.out.print(StartOptions.HELP);
                case VERSION -> System.out.println("Millrace " + Version.current());
                case START -> serve(options);
            }
            return 0;
        } catch (UsageException e) {
            System.err.println("millrace: " + e.getMessage());
            System.err.println("Try 'millrace start --help'.");
            return 2;
        } catch (RuntimeException e) {
            return Failures.report(e, new PrintWriter(System.err, true, Charset.defaultCharset()));
        }
    }

    private static void serve(StartOptions options) throws InterruptedException {
        BrokerConfig loaded = ConfigLoader.load(options.config(), System.getenv(), options.settings());
        Thread starter = Thread.currentThread();
        CompletableFuture<MillraceBroker> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started, starter), "millrace-stop"));
        System.out.println(readyLine(start(loaded, started)));
        new CountDownLatch(1).await();
    }

    private static MillraceBroker start(BrokerConfig config, CompletableFuture<MillraceBroker> started) {
        try {
            MillraceBroker broker = MillraceBroker.start(config);
            started.complete(broker);
            return broker;
        } catch (RuntimeException e) {
            started.completeExceptionally(e);
            throw e;
        }
    }

    private static String readyLine(MillraceBroker broker) {
        // Not the process's own start: that is the launcher's, which may have built first.
        long startedMs = ManagementFactory.getRuntimeMXBean().getStartTime();
        return "Millrace %s ready: kafka %s:%d, zookeeper %s, in %d ms"
                .formatted(
                        Version.current(),
                        broker.host(),
                        broker.port(),
                        broker.zookeeperConnect(),
                        System.currentTimeMillis() - startedMs);
    }

    /**
     * Ends the process with 0, also while it starts: a JVM that ends by a signal would say 143, though all went as
     * asked. A start that failed before keeps its own exit code.
     */
    private static void stop(CompletableFuture<MillraceBroker> started, Thread starter) {
        if (started.isCompletedExceptionally()) {
            return;
        }
        if (!started.isDone()) {
            starter.interrupt();
        }
        try {
            started.get(STARTING_MS, TimeUnit.MILLISECONDS).close();
        } catch (ExecutionException | TimeoutException e) {
            // Nothing serves yet: what the start left half done, the next one recovers as after a crash.
            LOG.info("Stopped before the broker served: {}", e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(0);
    }
}
