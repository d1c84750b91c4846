// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Message;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the adapter must do on every server, seen from outside: through the application's HTTP and by plain clients. The
 * tests of a class share one server and one broker, both processes, and leave both running with the application deployed;
 * their order does not count.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ServerContract {
    private final Function<Environment, AppServer> type;

    private Broker broker;
    private AppServer server;
    private Application application;
    private Path stalls;

    ServerContract(Function<Environment, AppServer> type) {
        this.type = type;
    }

    @BeforeAll
    void startAll(@TempDir Path directory) throws Exception {
        Path logs = Files.createDirectories(
                Environment.TARGET.resolve("server-logs").resolve(getClass().getSimpleName()));
        broker = new Broker(directory.resolve("data"), logs);
        broker.start();
        broker.createQueues();
        Environment environment =
                new Environment(Files.createDirectory(directory.resolve("server")), logs, broker.url());
        stalls = Files.createDirectory(environment.stalls());
        server = type.apply(environment);
        server.start();
        server.deploy();
        application = new Application(server.application());
        awaitAnswer();
    }

    @AfterAll
    void stopAll() {
        if (server != null) {
            server.close();
        }
        if (broker != null) {
            broker.close();
        }
    }

    private void awaitAnswer() {
        await().atMost(Application.PATIENCE)
                .pollInterval(Duration.ofMillis(200))
                .until(application::answers);
    }

    @Test
    @Covers(Scenario.DEPLOY)
    void theDeployedApplicationAnswers() {
        assertEquals("", application.call("seen", "", "nothing"));
    }

    @Test
    @Covers(Scenario.INJECT)
    void injectsFactoryQueueAndTopic() {
        assertEquals("PooledConnectionFactory work news", application.call("injected", "", ""));
    }

    @Test
    @Covers(Scenario.SEND_IN_TRANSACTION)
    void aConnectionSendsWithTheTransactionAndNotWithoutItsCommit() {
        assertEquals("done", application.call("connectionRolledBack", "by-connection", "never"));
        assertEquals("done", application.call("connection", "by-connection", "committed"));
        assertEquals("done", application.call("plain", "by-connection", "at once"));

        assertEquals(List.of("committed", "at once"), broker.receive("by-connection", 2));
    }

    @Test
    @Covers(Scenario.JMS_CONTEXT)
    void anInjectedContextSendsWithTheTransactionAndNotWithoutItsCommit() {
        assertEquals("done", application.call("contextRolledBack", "by-context", "never"));
        assertEquals("done", application.call("context", "by-context", "committed"));

        assertEquals(List.of("committed"), broker.receive("by-context", 1));
    }

    @Test
    @Covers(Scenario.RECEIVE)
    void aMessageDrivenBeanReceivesFromAPlainClientAndFromTheServer() {
        broker.send("work", "ok:0:from outside");
        application.call("connection", "work", "ok:0:from inside");

        application.awaitSeen("ok:0:from outside", "1 false");
        application.awaitSeen("ok:0:from inside", "1 false");
    }

    @Test
    @Covers(Scenario.REDELIVERY)
    void redeliversWithARisingCountAfterARollbackAndAfterAnException() {
        broker.send("work", "rollback:2:x");
        broker.send("work", "throw:2:x");

        application.awaitSeen("rollback:2:x", "1 false,2 true,3 true");
        application.awaitSeen("throw:2:x", "1 false,2 true,3 true");
    }

    @Test
    @Covers(Scenario.DEAD_LETTER)
    void aMessageThatNeverSucceedsBecomesADeadLetter() throws Exception {
        broker.send("work", "rollback:99:poison");

        Message dead = broker.receiveMessage("DLQ");

        assertEquals("rollback:99:poison", dead.getBody(String.class));
        application.awaitSeen("rollback:99:poison", "1 false,2 true,3 true,4 true");
        assertEquals(4, Broker.MAX_DELIVERIES);
    }

    @Test
    @Covers(Scenario.DURABLE_SUBSCRIPTION)
    void aDurableSubscriptionKeepsWhatIsPublishedWhileTheApplicationIsAway() {
        broker.publish("news", "before");
        application.awaitSeen("before", "1 false");

        server.undeploy();
        broker.publish("news", "meanwhile");
        server.deploy();
        awaitAnswer();

        application.awaitSeen("meanwhile", "1 false");
        assertEquals("", application.call("seen", "", "before"));
    }

    @Test
    @Covers(Scenario.REDEPLOY)
    void anApplicationThatComesBackReceivesWhatWasSentMeanwhile() {
        server.undeploy();
        broker.send("work", "ok:0:meanwhile");
        server.deploy();
        awaitAnswer();

        application.awaitSeen("ok:0:meanwhile", "1 false");
        assertEquals("done", application.call("connection", "work", "ok:0:after"));
        application.awaitSeen("ok:0:after", "1 false");
    }

    @Test
    @Covers(Scenario.BROKER_KILL)
    void aBrokerKilledUnderLoadCostsNoMessageAndDoublesNone() {
        Load load = new Load(application, "to-move");
        load.awaitAccepted(100);

        broker.kill();
        broker.start();
        load.awaitAccepted(100);
        load.stop();

        load.check(broker.receive("moved", load.accepted().size()));
    }

    @Test
    @Covers(Scenario.RECOVERY_COMMIT)
    void aKilledServerCommitsAtItsNextStartWhatItHadDecided() {
        application.callInBackground("stalled", "decided", "committed by recovery");
        awaitStall("committed by recovery");
        assertEquals(1, broker.branchesInDoubt());

        restartAfterKill();

        assertEquals(List.of("committed by recovery"), broker.receive("decided", 1));
        broker.awaitNothingInDoubt();
    }

    @Test
    @Covers(Scenario.RECOVERY_ROLLBACK)
    void aKilledServerRollsBackAtItsNextStartWhatItHadNotDecided() {
        broker.send("to-move", "stall:undecided");
        awaitStall("stall:undecided");
        assertTrue(broker.branchesInDoubt() > 0);

        restartAfterKill();

        assertEquals(List.of("stall:undecided"), broker.receive("moved", 1));
        broker.awaitNothingInDoubt();
    }

    /** Waits until the transaction of a text hangs. */
    private void awaitStall(String text) {
        Path reached = stalls.resolve(HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)));
        await().atMost(Application.PATIENCE).pollInterval(Duration.ofMillis(50)).until(() -> Files.exists(reached));
    }

    private void restartAfterKill() {
        server.kill();
        server.start();
        awaitAnswer();
    }
}
