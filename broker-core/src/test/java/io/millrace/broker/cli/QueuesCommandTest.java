// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.DeliveryBroker;
import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.protocol.message.SubscriptionKind;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** {@code ./millrace queues} and {@code ./millrace groups} against a broker. */
@Timeout(60)
class QueuesCommandTest {
    private final DeliveryBroker broker = new DeliveryBroker();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private MillraceTestClient client;

    @BeforeEach
    void connect() {
        client = MillraceTestClient.connected(broker.port());
        client.openQueue("orders");
        client.sendTexts("orders", "a", "b");
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    @Test
    void listShowsTheQueuesInColumns() {
        assertEquals(0, run("queues", "list"));

        List<String> lines = out.toString().lines().toList();
        assertEquals(2, lines.size(), out.toString());
        assertTrue(lines.get(0).startsWith("DESTINATION"));
        assertEquals(
                List.of("orders", "queue", "orders", "0", "2", "0", "0", "0", "0", "active", "2023-11-14T22:13:20Z"),
                List.of(lines.get(1).split(" +")));
    }

    @Test
    void pausedQueueShowsSoAndResumes() {
        assertEquals(0, run("queues", "pause", "orders"));
        assertEquals(0, run("queues", "show", "orders"));
        assertTrue(out.toString().contains("paused"));

        assertEquals(0, run("queues", "resume", "orders"));

        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(2, client.pull(1, 10).size());
    }

    @Test
    void moveAndPurgeTellHowManyMessages() {
        assertEquals(0, run("queues", "move", "orders", "--to", "archive"));
        assertEquals(0, run("queues", "purge", "archive"));

        assertEquals(
                List.of(
                        "2 messages were moved from queue orders to queue archive",
                        "2 messages of queue archive were dropped"),
                out.toString().lines().toList());
    }

    @Test
    void resetLetsAGroupBeginAnew() {
        assertEquals(0, run("groups", "reset", "orders", "orders", "--to", "latest"));

        client.subscribe(1, 1, SubscriptionKind.QUEUE, "orders");
        assertEquals(List.of(), client.pullNow(1, 10));
    }

    @Test
    void refusalIsOneSentence() {
        assertEquals(1, run("queues", "purge", "none"));

        assertEquals("millrace: There is no destination none", err.toString().strip());
    }

    private int run(String... arguments) {
        String[] all = new String[arguments.length + 2];
        all[0] = arguments[0];
        all[1] = "--broker=127.0.0.1:" + broker.port();
        System.arraycopy(arguments, 1, all, 2, arguments.length - 1);
        all[arguments.length + 1] = arguments[arguments.length - 1];
        CommandLine commandLine = Main.commandLine();
        commandLine.setOut(new PrintWriter(out, true)).setErr(new PrintWriter(err, true));
        return commandLine.execute(java.util.Arrays.copyOf(all, arguments.length + 1));
    }
}
