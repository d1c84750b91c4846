// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import java.nio.file.Path;
import org.jboss.arquillian.container.test.api.Deployment;
import org.jboss.arquillian.container.test.api.RunAsClient;
import org.jboss.arquillian.junit5.ArquillianExtension;
import org.jboss.shrinkwrap.api.spec.WebArchive;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Sending, receiving and redelivery through the adapter in one server with one application. */
@ExtendWith(ArquillianExtension.class)
@RunAsClient
class DeliveryIT {
    @TempDir
    static Path data;

    private static EmbeddedBroker broker;

    private Application application;

    @Deployment(testable = false)
    static WebArchive application() {
        return Application.archive("delivery.war");
    }

    @BeforeAll
    static void startBroker() {
        broker = TestPorts.startBroker(data);
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @BeforeEach
    void connect() {
        application = TestPorts.application("delivery");
    }

    @Test
    void injectedConnectionFactorySendsWithTheTransaction() {
        assertEquals("done", application.call("connection", "ok:0:connection"));

        application.awaitSeen("ok:0:connection", "1 false");
    }

    @Test
    void injectedContextSendsWithTheTransaction() {
        assertEquals("done", application.call("context", "ok:0:context"));

        application.awaitSeen("ok:0:context", "1 false");
    }

    @Test
    void sendsAtOnceOutsideOfATransaction() {
        assertEquals("done", application.call("plain", "ok:0:plain"));

        application.awaitSeen("ok:0:plain", "1 false");
    }

    @Test
    void receivesWhatWasSentInTheSameApplication() {
        assertEquals("hello", application.call("roundTrip", "hello"));
    }

    @Test
    void aRolledBackSendIsNeverSeen() {
        assertEquals("done", application.call("rolledBack", "ok:0:never"));
        assertEquals("done", application.call("connection", "ok:0:after"));

        application.awaitSeen("ok:0:after", "1 false");
        assertEquals("", application.call("seen", "ok:0:never"));
    }

    @Test
    void whatAPoolWithoutTransactionsDoesOutlivesTheRollbackOfTheCallersTransaction() {
        assertEquals("ok:0:unenlisted", application.call("unenlistedRolledBack", "ok:0:unenlisted"));

        application.awaitSeen("ok:0:unenlisted", "1 false");
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            Queue received = context.createQueue("unenlisted");
            assertNull(context.createConsumer(received).receiveNoWait(), "it was acknowledged as it was received");
        }
    }

    @Test
    void aContextOfAPoolWithoutTransactionsSendsAtOnceBesideOneThatIsRolledBack() {
        assertEquals("done", application.call("unenlistedContextBesideRolledBack", "ok:0:beside"));
        assertEquals("done", application.call("connection", "ok:0:afterwards"));

        application.awaitSeen("ok:0:beside/unenlisted", "1 false");
        application.awaitSeen("ok:0:afterwards", "1 false");
        assertEquals("", application.call("seen", "ok:0:beside/enlisted"));
    }

    @Test
    void aConnectionWhoseTransactionTheServerForgetsWorksForTheNextCaller() {
        assertEquals("status 503", application.call("bothTooLate", "ok:0:too late"));

        assertEquals("done", application.call("connection", "ok:0:healed"));
        assertEquals("done", application.call("plain", "ok:0:outside"));

        application.awaitSeen("ok:0:healed", "1 false");
        application.awaitSeen("ok:0:outside", "1 false");
        assertEquals("", application.call("seen", "ok:0:too late/local"));
    }

    @Test
    void redeliversWithARisingCountAfterAnException() {
        application.call("connection", "throw:2:x");

        application.awaitSeen("throw:2:x", "1 false,2 true,3 true");
    }

    @Test
    void redeliversWithARisingCountAfterARollbackWithoutException() {
        application.call("connection", "rollback:2:x");

        application.awaitSeen("rollback:2:x", "1 false,2 true,3 true");
    }

    @Test
    void contextAndConnectionCommitTogetherInOneDistributedTransaction() {
        assertEquals("done", application.call("both", "ok:0:together"));

        application.awaitSeen("ok:0:together/local", "1 false");
        application.awaitSeen("ok:0:together/xa", "1 false");
    }

    @Test
    void contextAndConnectionRollBackTogetherInOneDistributedTransaction() {
        assertEquals("done", application.call("bothRolledBack", "ok:0:neither"));
        assertEquals("done", application.call("both", "ok:0:later"));

        application.awaitSeen("ok:0:later/local", "1 false");
        application.awaitSeen("ok:0:later/xa", "1 false");
        assertEquals("", application.call("seen", "ok:0:neither/local"));
        assertEquals("", application.call("seen", "ok:0:neither/xa"));
    }

    @Test
    void aMessageThatFailsEachTimeGoesToTheDeadLetterQueueWithItsReason() throws JMSException {
        application.call("connection", "throw:99:poison");

        application.awaitSeen("throw:99:poison", "1 false,2 true,3 true,4 true");
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            Message dead = context.createConsumer(context.createQueue("DLQ")).receive(20_000);
            assertEquals("throw:99:poison", dead.getBody(String.class));
            assertEquals("delivery-limit", dead.getStringProperty("millrace_dead_reason"));
            assertEquals(4, dead.getIntProperty("millrace_dead_delivery_count"));
        }
    }

    @Test
    void eachSubscriptionGetsAPublishedMessageOnceAndBeansThatShareOneGetItOnceTogether() {
        assertEquals("done", application.call("publish", "south:all"));

        application.awaitSeen("live/south:all", "1 false");
        application.awaitSeen("durable/south:all", "1 false");
        application.awaitSeen("editor/south:all", "1 false");
    }

    @Test
    void aSelectorLeavesOutWhatItDoesNotSelect() {
        assertEquals("done", application.call("publish", "north:none"));
        assertEquals("done", application.call("publish", "south:after"));

        application.awaitSeen("durable/north:none", "1 false");
        application.awaitSeen("live/south:after", "1 false");
        assertEquals("", application.call("seen", "live/north:none"));
    }

    @Test
    void refusesWhatAContainerMustRefuse() {
        assertEquals("refused", application.call("setListener", ""));
    }
}
