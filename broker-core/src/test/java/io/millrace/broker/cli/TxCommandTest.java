// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.delivery.DeliveryBroker;
import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.Prepare;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import picocli.CommandLine;

/** {@code ./millrace tx} against a broker. */
@Timeout(60)
class TxCommandTest {
    private static final BranchId BRANCH = new BranchId(131_077, "00ab", "01");

    private final DeliveryBroker broker = new DeliveryBroker();
    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private MillraceTestClient client;

    @BeforeEach
    void prepare() {
        client = MillraceTestClient.connected(broker.port());
        client.openQueue("orders");
        client.ok(new Prepare(
                1, UUID.randomUUID(), BRANCH, List.of(MillraceTestClient.batch("orders", 0, "a", "b")), List.of()));
    }

    @AfterEach
    void stop() {
        client.close();
        broker.close();
    }

    private int run(String... arguments) {
        CommandLine command = Main.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--broker";
        all[arguments.length + 1] = "127.0.0.1:" + broker.port();
        return command.execute(all);
    }

    private Outcome transactionManagerSays(Action action) {
        return ((EndBranch.Response) client.ok(new EndBranch(UUID.randomUUID(), BRANCH, action, false))).outcome();
    }

    @Test
    void listAndShowTellWhatABranchDoes() {
        assertEquals(0, run("tx", "list"));
        assertEquals(0, run("tx", "show", BRANCH.toString()));

        assertTrue(out.toString().contains("131077:00ab:01"), out.toString());
        assertTrue(out.toString().contains("orders, partition 0: sends 2 messages"), out.toString());
    }

    @Test
    void commitByHandIsToldToTheTransactionManager() {
        assertEquals(0, run("tx", "commit", BRANCH.toString()));

        assertEquals(Outcome.HEURISTICALLY_COMMITTED, transactionManagerSays(Action.COMMIT));
        assertEquals(Outcome.DONE, transactionManagerSays(Action.FORGET));
    }

    @Test
    void rollbackByHandIsToldToTheTransactionManager() {
        assertEquals(0, run("tx", "rollback", BRANCH.toString()));

        assertEquals(Outcome.HEURISTICALLY_ROLLED_BACK, transactionManagerSays(Action.COMMIT));
        assertEquals(0, run("tx", "forget", BRANCH.toString()));
    }

    @Test
    void secondDecisionByHandFails() {
        assertEquals(0, run("tx", "rollback", BRANCH.toString()));

        assertEquals(1, run("tx", "commit", BRANCH.toString()));

        assertTrue(err.toString().contains("cannot be done twice"), err.toString());
    }

    @Test
    void unknownBranchFails() {
        assertEquals(1, run("tx", "commit", "1:aa:"));

        assertTrue(err.toString().contains("has no branch 1:aa:"), err.toString());
    }

    @Test
    void whatIsNoBranchIsACallMadeWrongly() {
        assertEquals(2, run("tx", "commit", "orders"));
    }
}
