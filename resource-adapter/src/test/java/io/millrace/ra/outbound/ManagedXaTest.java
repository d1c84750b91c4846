// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.RecoveryResource;
import io.millrace.ra.TestXid;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A managed connection in a server's distributed transactions, against a real broker. */
@Timeout(60)
class ManagedXaTest {
    private final TestXid xid = TestXid.fresh();
    private EmbeddedBroker broker;
    private MillraceManagedConnection managed;
    private XAResource resource;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        broker = EmbeddedBroker.start();
        MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
        factory.setUrl(broker.url());
        managed = (MillraceManagedConnection) factory.createManagedConnection(null, null);
        resource = managed.getXAResource();
        Connection handle = (Connection) managed.getConnection(null, null);
        handle.start();
        session = handle.createSession();
    }

    @AfterEach
    void stop() {
        managed.destroy();
        broker.close();
    }

    private void send(String text) throws Exception {
        session.createProducer(session.createQueue("out")).send(session.createTextMessage(text));
    }

    private List<String> rest(String queue) {
        List<String> texts = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            String text = consumer.receiveBodyNoWait(String.class);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBodyNoWait(String.class);
            }
        }
        return texts;
    }

    @Test
    void handleWorksInTheBranchWhileThereIsOneAndOutsideElse() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        assertTrue(session.getTransacted());
        send("inside");
        resource.end(xid, XAResource.TMSUCCESS);
        assertFalse(session.getTransacted());
        send("outside");
        assertEquals(List.of("outside"), rest("out"));

        resource.commit(xid, true);

        assertEquals(List.of("inside"), rest("out"));
    }

    @Test
    void whatAHandleReceivedInABranchComesBackWithItsRollback() throws Exception {
        send("a");
        MessageConsumer consumer = session.createConsumer(session.createQueue("out"));
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", ((TextMessage) consumer.receive(20_000)).getText());
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));

        resource.rollback(xid);
        consumer.close();

        assertEquals(List.of("a"), rest("out"));
    }

    @Test
    void preparedBranchIsCommittedOverANewLinkAfterTheBrokersRestart() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        send("x");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        broker.restart();
        org.awaitility.Awaitility.await().until(managed::isBroken);

        assertEquals(1, resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length);
        resource.commit(xid, false);

        assertEquals(List.of("x"), rest("out"));
    }

    @Test
    void recoveryResourceEndsWhatAnyConnectionPrepared() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        send("x");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        managed.destroy();
        RecoveryResource recovery = new RecoveryResource(new BrokerSettings(broker.url(), null, null, null));

        var found = recovery.recover(XAResource.TMSTARTRSCAN);
        recovery.commit(found[0], false);

        assertEquals(List.of("x"), rest("out"));
        assertEquals(0, recovery.recover(XAResource.TMENDRSCAN).length);
    }
}
