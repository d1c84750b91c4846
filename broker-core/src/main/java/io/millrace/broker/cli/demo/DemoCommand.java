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

    @Option(names = "--data", description = "The broker's data directory (default: one that goes with the demo).")
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
            URI page = demo.start(DemoFiles.find(Path.of(home)), data, port, httpPort);
            if (check) {
                return check(demo, new OrderApi(page));
            }
            System.out.println("Open " + page + " - Ctrl-C stops everything.");
            demo.awaitEnd();
            System.err.println("The application server ended by itself.");
            return 1;
        } catch (DemoException e) {
            System.err.println(e.getMessage());
            return 1;
        }
    }

    private int check(Demo demo, OrderApi api) throws IOException, InterruptedException {
        DemoCheck.Result result =
                new DemoCheck(api, BrokerClock.SYSTEM).run(orders, killBroker ? demo::killBroker : () -> {});
        System.out.printf(
                "%d orders accepted in %d ms, %d processed, %d delivered twice, %d refused while the broker was away; "
                        + "all done after %d ms.%n",
                result.accepted(),
                result.placing().toMillis(),
                result.processed(),
                result.duplicates(),
                result.refused(),
                result.total().toMillis());
        if (result.processed() != result.accepted()) {
            System.err.printf(
                    "FAILED: %d orders were accepted but %d were processed.%n", result.accepted(), result.processed());
            return 1;
        }
        if (!killBroker && result.duplicates() > 0) {
            System.err.printf("FAILED: %d orders were processed more than once.%n", result.duplicates());
            return 1;
        }
        System.out.println("OK: every accepted order was processed" + (killBroker ? "." : " exactly once."));
        return 0;
    }
}
