// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Transactions larger than one request and than what brokers keep of them in memory (docs/decisions/0025). */
@Timeout(90)
class LargeTransactionsTest {
    private static final MillraceQueue IN = new MillraceQueue("in");
    private static final MillraceQueue OUT = new MillraceQueue("out");
    private static final MillraceQueue OTHER = new MillraceQueue("other");

    /** 4 MiB in pieces of 64 KiB; the broker takes 1 MiB of prepared branches in memory and 12 MiB on the disk. */
    private static final int MESSAGES = 200;

    private static final int MESSAGE_BYTES = 20 << 10;
    private static final String OPTIONS = "?transactionRequestBytes=65536&requestTimeoutMs=20000";

    @TempDir
    Path directory;

    private EmbeddedBroker broker;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.builder()
                .directory(directory)
                .set("jms.xa.prepared.max.bytes", String.valueOf(1 << 20))
                .set("jms.transaction.spill.max.bytes", String.valueOf(12 << 20))
                .set("jms.transaction.resolve.interval.ms", "100")
                .start();
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    private MillraceConnectionFactory factory(String more) {
        return new MillraceConnectionFactory(broker.url() + OPTIONS + more);
    }

    private static void send(Session session, Queue queue, int messages) throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < messages; i++) {
            producer.send(session.createTextMessage(i + " " + "x".repeat(MESSAGE_BYTES)));
        }
    }

    private List<Integer> numbers(Queue queue) {
        List<Integer> numbers = new ArrayList<>();
        try (JMSContext context = factory("").createContext();
                JMSConsumer rest = context.createConsumer(queue)) {
            for (String text = rest.receiveBodyNoWait(String.class);
                    text != null;
                    text = rest.receiveBodyNoWait(String.class)) {
                numbers.add(Integer.parseInt(text.split(" ", 2)[0]));
            }
        }
        return numbers;
    }

    private static List<Integer> upTo(int messages) {
        return IntStream.range(0, messages).boxed().toList();
    }

    private void forward(String options) throws JMSException {
        try (JMSContext context = factory("").createContext()) {
            context.createProducer().send(IN, "a");
        }
        try (var connection = factory(options).createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            connection.start();
            assertEquals("a", session.createConsumer(IN).receive(10_000).getBody(String.class));
            send(session, OUT, MESSAGES);
            send(session, OTHER, MESSAGES / 2);
            session.commit();
            send(session, OUT, 1);
            session.commit();
        }
        List<Integer> all = new ArrayList<>(upTo(MESSAGES));
        all.add(0);
        assertEquals(all, numbers(OUT));
        assertEquals(upTo(MESSAGES / 2), numbers(OTHER));
        assertEquals(0, count(IN));
    }

    private int count(Queue queue) {
        try (JMSContext context = factory("").createContext();
                JMSConsumer rest = context.createConsumer(queue)) {
            return rest.receiveNoWait() == null ? 0 : 1;
        }
    }

    @Test
    void aLocalTransactionOfManyRequestsIsCommittedAsOne() throws Exception {
        forward("");
    }

    @Test
    void aLocalTransactionOfManyRequestsIsCommittedAsOneWhenItIsCoordinated() throws Exception {
        forward("&alwaysCoordinate=true");
    }

    @Test
    void aLocalTransactionOfManyRequestsThatIsRolledBackLeavesNothing() throws Exception {
        try (var connection = factory("").createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            send(session, OUT, MESSAGES);
            session.rollback();
        }
        assertEquals(List.of(), numbers(OUT));
    }

    @Test
    void aTransactionBeyondTheBoundOfTheDiskIsRolledBackAndLeavesTheSessionUsable() throws Exception {
        try (var connection = factory("").createConnection();
                Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
            send(session, OUT, 4 * MESSAGES);

            JMSException refused = assertThrows(JMSException.class, session::commit);

            assertTrue(refused.getMessage().contains("jms.transaction.spill.max.bytes"), refused.toString());
            send(session, OUT, 2 * MESSAGES);
            session.commit();
        }
        assertEquals(upTo(2 * MESSAGES), numbers(OUT));
    }

    @Test
    void branchesBeyondTheBoundOfMemorySurviveARestartAndAreCommittedOrRolledBack() throws Exception {
        TestXid first = TestXid.fresh();
        TestXid second = TestXid.fresh();
        try (XAConnection connection = new MillraceXAConnectionFactory(broker.url() + OPTIONS).createXAConnection();
                XASession session = connection.createXASession()) {
            XAResource resource = session.getXAResource();
            for (TestXid xid : List.of(first, second)) {
                resource.start(xid, XAResource.TMNOFLAGS);
                send(session, xid.equals(first) ? OUT : OTHER, MESSAGES);
                resource.end(xid, XAResource.TMSUCCESS);
                assertEquals(XAResource.XA_OK, resource.prepare(xid));
            }
            broker.restart();
            assertEquals(List.of(), numbers(OUT));

            resource.commit(first, false);
            resource.rollback(second);

            assertEquals(0, resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length);
        }
        assertEquals(upTo(MESSAGES), numbers(OUT));
        assertEquals(List.of(), numbers(OTHER));
    }

    @Test
    void aBranchThatTheDiskHasNoRoomForIsRolledBack() throws Exception {
        TestXid xid = TestXid.fresh();
        try (XAConnection connection = new MillraceXAConnectionFactory(broker.url() + OPTIONS).createXAConnection();
                XASession session = connection.createXASession()) {
            XAResource resource = session.getXAResource();
            resource.start(xid, XAResource.TMNOFLAGS);
            send(session, OUT, 4 * MESSAGES);
            resource.end(xid, XAResource.TMSUCCESS);

            XAException refused = assertThrows(XAException.class, () -> resource.prepare(xid));

            assertTrue(refused.errorCode >= XAException.XA_RBBASE && refused.errorCode <= XAException.XA_RBEND);
            assertEquals(0, resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN).length);
        }
    }
}
