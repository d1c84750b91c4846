// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Branches over a restart of the broker in the middle: the session goes on. */
@Timeout(90)
class XaRestartTest {
    private static final MillraceQueue IN = new MillraceQueue("in");
    private static final MillraceQueue OUT = new MillraceQueue("out");

    private final TestXid xid = TestXid.fresh();
    private EmbeddedBroker broker;
    private XAConnection connection;
    private XASession session;
    private XAResource resource;
    private MessageConsumer consumer;

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start();
        try (JMSContext context = factory().createContext()) {
            context.createProducer().send(IN, "a").send(IN, "b");
        }
        connection = factory().createXAConnection();
        connection.start();
        session = connection.createXASession();
        resource = session.getXAResource();
        consumer = session.createConsumer(IN);
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        broker.close();
    }

    private MillraceXAConnectionFactory factory() {
        return new MillraceXAConnectionFactory(broker.url());
    }

    private String receive() throws Exception {
        return ((TextMessage) consumer.receive(20_000)).getText();
    }

    private void send(String text) throws Exception {
        session.createProducer(OUT).send(session.createTextMessage(text));
    }

    private List<String> rest(MillraceQueue queue) {
        List<String> texts = new ArrayList<>();
        try (JMSContext context = factory().createContext();
                JMSConsumer rest = context.createConsumer(queue)) {
            String text = rest.receiveBodyNoWait(String.class);
            while (text != null) {
                texts.add(text);
                text = rest.receiveBodyNoWait(String.class);
            }
        }
        return texts;
    }

    private void forward() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receive());
        send("x");
        resource.end(xid, XAResource.TMSUCCESS);
    }

    @Test
    void preparedBranchCommitsAfterTheRestartByTheSameResource() throws Exception {
        forward();
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        broker.restart();

        resource.commit(xid, false);

        assertEquals(List.of("x"), rest(OUT));
        assertEquals("b", receive());
        connection.close();
        assertEquals(List.of(), rest(IN));
    }

    @Test
    void branchThatHadReceivedIsRolledBackByTheRestartAndTheSessionGoesOn() throws Exception {
        forward();
        broker.restart();

        XAException lost = assertThrows(XAException.class, () -> resource.prepare(xid));

        assertTrue(lost.errorCode >= XAException.XA_RBBASE && lost.errorCode <= XAException.XA_RBEND);
        TestXid second = TestXid.fresh();
        resource.start(second, XAResource.TMNOFLAGS);
        assertEquals("a", receive());
        send("y");
        resource.end(second, XAResource.TMSUCCESS);
        resource.commit(second, true);
        assertEquals(List.of("y"), rest(OUT));
    }

    @Test
    void branchThatOnlySentIsPreparedAfterTheRestart() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        send("x");
        resource.end(xid, XAResource.TMSUCCESS);
        broker.restart();

        assertEquals(XAResource.XA_OK, resource.prepare(xid));

        broker.restart();
        assertTrue(Arrays.stream(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .anyMatch(xid::is));
        resource.rollback(xid);
        assertEquals(List.of(), rest(OUT));
    }
}
