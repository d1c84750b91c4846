// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.ConfigLoader;
import io.millrace.broker.server.MillraceBroker;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./millrace start}: runs a broker until the process is told to end. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = "Starts a broker in the foreground; prints one line when it serves. SIGTERM or Ctrl-C stop it.")
final class StartCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(StartCommand.class);
    private static final long STARTING_MS = 3_000;

    @Option(names = "--data", paramLabel = "DIR", description = "The data directory (data.dir; default: ./data).")
    private @Nullable Path data;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "The port to listen on, 0 for any free one (listen.port; default: 9092).")
    private @Nullable String port;

    @Option(names = "--config", paramLabel = "FILE", description = "A properties file; see docs/configuration.md.")
    private @Nullable Path config;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Sets one key, over the file and the environment; may be repeated.")
    private List<String> assignments = new ArrayList<>();

    @Override
    public Integer call() throws InterruptedException {
        BrokerConfig loaded = load();
        Thread starter = Thread.currentThread();
        CompletableFuture<MillraceBroker> started = new CompletableFuture<>();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(started, starter), "millrace-stop"));
        System.out.println(readyLine(start(loaded, started)));
        new CountDownLatch(1).await();
        return 0;
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

    private BrokerConfig load() {
        List<String> settings = new ArrayList<>(assignments);
        if (data != null) {
            settings.add("data.dir=" + data);
        }
        if (port != null) {
            settings.add("listen.port=" + port);
        }
        return ConfigLoader.load(config, System.getenv(), settings);
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
