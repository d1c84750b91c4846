// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.message.SubscriptionKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** Commands reach every broker that serves a part of what they name, whichever broker was named. */
@Timeout(90)
class ClusterCommandsTest {
    @TempDir
    Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private EmbeddedZooKeeper zooKeeper;
    private EmbeddedBroker first;
    private EmbeddedBroker second;

    @BeforeEach
    void start() throws Exception {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zk"), 0);
        first = broker(1);
        second = broker(2);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", first.bootstrapServers()))) {
            admin.createTopics(List.of(
                            new NewTopic("orders", Map.of(0, List.of(1), 1, List.of(2))),
                            new NewTopic("prices", Map.of(0, List.of(2)))))
                    .all()
                    .get();
        }
    }

    @AfterEach
    void stop() {
        second.close();
        first.close();
        zooKeeper.close();
    }

    private EmbeddedBroker broker(int id) {
        return EmbeddedBroker.builder()
                .directory(directory.resolve("broker-" + id))
                .set("zookeeper.connect", zooKeeper.connectString() + "/millrace")
                .set("broker.id", Integer.toString(id))
                .start();
    }

    private static MillraceTestClient client(EmbeddedBroker of, String clientId) {
        String address = of.bootstrapServers();
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        return MillraceTestClient.connected(port, UUID.randomUUID(), clientId);
    }

    private int run(String... arguments) {
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(arguments);
    }

    @Test
    void aQueueOverTwoBrokersIsListedAndPurgedAsAWhole() {
        try (MillraceTestClient one = client(first, "one");
                MillraceTestClient two = client(second, "two")) {
            one.openQueue("orders");
            two.openQueue("orders");
            one.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        }

        assertEquals(0, run("queues", "show", "orders", "--broker", first.bootstrapServers()), err.toString());
        assertEquals(
                List.of("0", "1"),
                out.toString()
                        .lines()
                        .skip(1)
                        .map(line -> List.of(line.split(" +", -1)).get(3))
                        .sorted()
                        .toList());

        assertEquals(0, run("queues", "pause", "orders", "--broker", second.bootstrapServers()), err.toString());
        run("queues", "show", "orders", "--broker", first.bootstrapServers());
        assertEquals(
                2,
                out.toString().lines().filter(line -> line.contains("paused ")).count(),
                out.toString());
    }

    @Test
    void aSubscriptionIsDeletedThroughABrokerThatHoldsNothingOfIt() {
        try (MillraceTestClient subscriber = client(second, "billing")) {
            subscriber.openTopic("prices");
            Subscribe durable = new Subscribe(
                    1, 1, SubscriptionKind.DURABLE, "kept", "prices", List.of(0), null, false, Subscribe.AT_DEFAULT);
            subscriber.ok(durable);

            assertEquals(
                    1,
                    run("groups", "delete", "prices", "billing/kept", "--broker", first.bootstrapServers()),
                    "it has a consumer");
            assertTrue(err.toString().contains("has a consumer"), err.toString());
            subscriber.ok(new CloseConsumer(1, List.of()));

            int code = run("groups", "delete", "prices", "billing/kept", "--broker", first.bootstrapServers());

            assertEquals(0, code, err.toString());
            assertEquals(
                    "Subscription billing/kept of prices is deleted",
                    out.toString().strip());
            assertEquals(
                    ErrorCode.INVALID_DESTINATION,
                    subscriber
                            .status(new io.millrace.protocol.message.Unsubscribe("kept"))
                            .code());
        }
    }

    @Test
    void branchesOfAllBrokersAreListedAndEndedThroughAnyOfThem() {
        BranchId branch = new BranchId(7, "0a", "0b");
        try (MillraceTestClient two = client(second, "two")) {
            two.openTopic("prices");
            two.ok(new Prepare(
                    1, UUID.randomUUID(), branch, List.of(MillraceTestClient.batch("prices", 0, "x")), List.of()));

            assertEquals(0, run("tx", "list", "--broker", first.bootstrapServers()), err.toString());

            assertTrue(out.toString().contains("7:0a:0b"), out.toString());
            assertEquals(0, run("tx", "commit", "7:0a:0b", "--broker", first.bootstrapServers()), err.toString());
            assertEquals(0, run("tx", "forget", "7:0a:0b", "--broker", first.bootstrapServers()), err.toString());
            assertEquals(1, run("tx", "show", "7:0a:0b", "--broker", first.bootstrapServers()));
        }
    }

    @Test
    void onlyDurableSubscriptionsAreDeleted() {
        try (MillraceTestClient one = client(first, "one")) {
            one.openQueue("orders");

            assertEquals(1, run("groups", "delete", "orders", "orders", "--broker", first.bootstrapServers()));

            assertTrue(err.toString().contains("only durable subscriptions are deleted"), err.toString());
        }
    }

    @Test
    void whatNobodyHasIsToldOnce() {
        assertEquals(1, run("queues", "purge", "none", "--broker", first.bootstrapServers()));

        assertEquals("millrace: There is no destination none", err.toString().strip());
    }
}
