// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli.demo;

import io.millrace.broker.time.BrokerClock;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code ./millrace demo}: starts the broker and Payara Micro with the sample; with {@code --check}, tests them. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Starts a broker and a Payara Micro with the sample application, and prints the page's address.")
public final class DemoCommand implements Callable<Integer> {

    @Option(names = "--check", description = "Place orders through HTTP, wait until all are processed, stop.")
    private boolean check;

    @Option(names = "--orders", defaultValue = "1000", description = "Orders to place with --check (default: 1000).")
    private int orders;

    @Option(
            names = "--kill-broker",
            description = "With --check: kill -9 the broker when half of the orders are placed; none may get lost.")
    private boolean killBroker;

    @Option(
            names = "--kill-server",
            description = "With --check: kill -9 the application server when half of the orders are placed.")
    private boolean killServer;

    @Option(
            names = "--data",
            description = "The broker's data directory (default: one that goes with the demo); "
                    + "the application server's files go beside it.")
    private @Nullable Path data;

    @Option(names = "--port", defaultValue = "0", description = "The broker's port (default: a free one).")
    private int port;

    @Option(names = "--http-port", defaultValue = "0", description = "The page's port (default: a free one).")
    private int httpPort;

    @Override
    public Integer call() throws IOException, InterruptedException {
        String home = System.getProperty(DemoFiles.HOME_PROPERTY);
        if (home == null) {
            System.err.println("Run the demo with the launcher: ./millrace demo");
            return 2;
        }
        try (Demo demo = new Demo()) {
            Runtime.getRuntime().addShutdownHook(new Thread(demo::close, "demo-stop"));
            return run(demo, DemoFiles.find(Path.of(home)));
        } catch (DemoException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }

    private int run(Demo demo, DemoFiles files) throws IOException, InterruptedException {
        try {
            URI page = demo.start(files, data, port, httpPort);
            if (check) {
                check(demo, new OrderApi(page));
                return 0;
            }
            System.out.println("Follow the orders with any Kafka client: kcat -q -u -C -b " + demo.bootstrapServers()
                    + " -t order-status");
            System.out.println("Open " + page + " - Ctrl-C stops everything.");
            demo.awaitEnd();
            return 0;
        } catch (DemoException e) {
            demo.keepFiles();
            throw e;
        }
    }

    private void check(Demo demo, OrderApi api) throws InterruptedException {
        DemoCheck.Result result = new DemoCheck(api, BrokerClock.SYSTEM).run(orders, () -> {
            if (killBroker) {
                demo.killBroker();
            }
            if (killServer) {
                demo.killServer();
            }
        });
        System.out.printf(
                "%d orders accepted in %d ms (%d attempts refused while broker or server were away), all shipped after"
                        + " %d ms. A price asked for by request and reply: %d.%02d.%n",
                result.accepted(),
                result.placing().toMillis(),
                result.refused(),
                result.total().toMillis(),
                result.price() / 100,
                result.price() % 100);
        System.out.println("OK: every accepted order was paid and shipped exactly once.");
    }
}
