// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.config.ConnectionUrl;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XASession;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code XAResource.setTransactionTimeout} on a real broker, by a clock that the tests move. What the resource manager may
 * answer then: XA specification, chapter 5 ([XA_RB*]) and the state tables of chapter 6 (Rollback Only).
 */
@Timeout(60)
class XaTimeoutTest {
    private static final int SECONDS = 30;
    private static final Duration JUST_BEFORE = Duration.ofSeconds(SECONDS).minusMillis(1);
    private static final Duration A_MOMENT = Duration.ofMillis(2);

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final ManualXaTimer timer = new ManualXaTimer();
    private final String in = "in-" + UUID.randomUUID();
    private final String out = "out-" + UUID.randomUUID();
    private final TestXid xid = TestXid.fresh();
    private MillraceXAConnection connection;
    private XASession session;
    private XAResource resource;

    @BeforeEach
    void connect() throws Exception {
        String url = MILLRACE.broker().url();
        connection = MillraceXAConnection.openXA(
                ConnectionUrl.parse(url),
                ConnectionOptions.of(url, Map.of()),
                MillraceSession.Domain.BOTH,
                any -> timer);
        connection.start();
        session = connection.createXASession();
        resource = session.getXAResource();
        resource.setTransactionTimeout(SECONDS);
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private static void assertXa(int code, Executable action) {
        XAException failure = assertThrows(XAException.class, action);
        assertEquals(code, failure.errorCode, failure.getMessage());
    }

    private static void assertTimedOut(Executable action) {
        assertXa(XAException.XA_RBTIMEOUT, action);
    }

    private static JMSContext context() {
        return new MillraceConnectionFactory(MILLRACE.broker().url()).createContext();
    }

    private void send(String... texts) {
        try (JMSContext context = context()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(in), text);
            }
        }
    }

    /** As another client. */
    private String receiveElsewhere(String queue, long timeoutMs) {
        try (JMSContext context = context();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            return timeoutMs == 0
                    ? consumer.receiveBodyNoWait(String.class)
                    : consumer.receiveBody(String.class, timeoutMs);
        }
    }

    private MessageConsumer consumer() throws Exception {
        return session.createConsumer(session.createQueue(in));
    }

    private static String text(MessageConsumer consumer) throws Exception {
        TextMessage message = (TextMessage) consumer.receive(10_000);
        return message == null ? null : message.getText();
    }

    private void sendHere(String text) throws Exception {
        session.createProducer(session.createQueue(out)).send(session.createTextMessage(text));
    }

    @Test
    void resourceTellsTheTimeoutItWasGiven() throws Exception {
        assertEquals(SECONDS, resource.getTransactionTimeout());
        assertTrue(resource.setTransactionTimeout(0));
        assertEquals(0, resource.getTransactionTimeout());
    }

    @Test
    void activeBranchHasItsMessagesUntilItsTimeoutAndOthersHaveThemFromThenOn() throws Exception {
        send("a");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", text(consumer));
        consumer.close();
        timer.pass(JUST_BEFORE);
        assertNull(receiveElsewhere(in, 0));

        timer.pass(A_MOMENT);

        assertEquals("a", receiveElsewhere(in, 10_000));
    }

    @Test
    void messagesComeBackToTheSessionInOrderAndCounted() throws Exception {
        send("a", "b", "c");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", text(consumer));

        timer.pass(JUST_BEFORE.plus(A_MOMENT));

        assertTimedOut(() -> resource.end(xid, XAResource.TMSUCCESS));
        resource.rollback(xid);
        TextMessage again = (TextMessage) consumer.receive(10_000);
        assertEquals("a", again.getText());
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        assertEquals("b", text(consumer));
        assertEquals("c", text(consumer));
    }

    @Test
    void whatItSentIsDroppedAndItTakesNoMoreWork() throws Exception {
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("early");

        timer.pass(JUST_BEFORE.plus(A_MOMENT));

        assertThrows(TransactionRolledBackException.class, () -> sendHere("late"));
        assertThrows(TransactionRolledBackException.class, () -> consumer.receive(10_000));
        assertTimedOut(() -> resource.end(xid, XAResource.TMSUCCESS));
        assertTimedOut(() -> resource.commit(xid, true));
        assertNull(receiveElsewhere(out, 0));
    }

    @Test
    void sessionWorksOutsideAndInAnotherBranchAfterTheTimeout() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");
        timer.pass(JUST_BEFORE.plus(A_MOMENT));
        assertTimedOut(() -> resource.end(xid, XAResource.TMFAIL));
        TestXid second = TestXid.fresh();

        resource.start(second, XAResource.TMNOFLAGS);
        sendHere("y");
        resource.end(second, XAResource.TMSUCCESS);
        resource.commit(second, true);

        assertEquals("y", receiveElsewhere(out, 10_000));
        resource.rollback(xid);
        assertXa(XAException.XAER_NOTA, () -> resource.rollback(xid));
    }

    @ParameterizedTest
    @ValueSource(ints = {XAResource.TMSUCCESS, XAResource.TMSUSPEND})
    void idleBranchGivesBackAtItsTimeoutAsWell(int left) throws Exception {
        send("a");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", text(consumer));
        resource.end(xid, left);
        consumer.close();

        timer.pass(JUST_BEFORE.plus(A_MOMENT));

        assertEquals("a", receiveElsewhere(in, 10_000));
        assertTimedOut(
                () -> resource.start(xid, left == XAResource.TMSUSPEND ? XAResource.TMRESUME : XAResource.TMJOIN));
        assertTimedOut(() -> resource.prepare(xid));
        assertXa(XAException.XAER_NOTA, () -> resource.rollback(xid));
    }

    @Test
    void anotherBranchOfTheSessionKeepsWhatItHasReceived() throws Exception {
        send("a", "b", "c");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", text(consumer));
        resource.end(xid, XAResource.TMSUSPEND);
        resource.setTransactionTimeout(0);
        TestXid second = TestXid.fresh();
        resource.start(second, XAResource.TMNOFLAGS);
        assertEquals("b", text(consumer));

        timer.pass(JUST_BEFORE.plus(A_MOMENT));

        assertEquals("a", text(consumer));
        resource.end(second, XAResource.TMSUCCESS);
        resource.commit(second, true);
        session.close();
        assertEquals("c", receiveElsewhere(in, 10_000));
        assertNull(receiveElsewhere(in, 0));
    }

    @Test
    void joinedSessionsGiveBackTogether() throws Exception {
        send("a", "b");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", text(consumer));
        consumer.close();
        XASession other = connection.createXASession();
        MessageConsumer others = other.createConsumer(other.createQueue(in));
        other.getXAResource().start(xid, XAResource.TMJOIN);
        assertEquals("b", text(others));
        others.close();

        timer.pass(JUST_BEFORE.plus(A_MOMENT));

        assertEquals("a", receiveElsewhere(in, 10_000));
        assertEquals("b", receiveElsewhere(in, 10_000));
        assertTimedOut(() -> other.getXAResource().end(xid, XAResource.TMSUCCESS));
        assertTimedOut(() -> resource.end(xid, XAResource.TMSUCCESS));
        resource.rollback(xid);
    }

    @Test
    void preparedBranchDoesNotTimeOut() throws Exception {
        send("a");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", text(consumer));
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));

        timer.pass(Duration.ofDays(1));

        resource.commit(xid, false);
        assertEquals("x", receiveElsewhere(out, 10_000));
        connection.close();
        assertNull(receiveElsewhere(in, 0));
    }

    @Test
    void branchesThatAreEndedInTimeLeaveOneTimerAtMost() throws Exception {
        for (int i = 0; i < 100; i++) {
            TestXid each = TestXid.fresh();
            resource.start(each, XAResource.TMNOFLAGS);
            resource.end(each, XAResource.TMSUCCESS);
            resource.rollback(each);
        }
        assertEquals(1, timer.scheduled());

        timer.pass(JUST_BEFORE.plus(A_MOMENT));

        assertEquals(0, timer.scheduled());
    }

    @Test
    void shorterTimeoutOfALaterBranchIsNotOverlooked() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        XAResource other = connection.createXASession().getXAResource();
        other.setTransactionTimeout(1);
        TestXid second = TestXid.fresh();
        other.start(second, XAResource.TMNOFLAGS);

        timer.pass(Duration.ofSeconds(1).plus(A_MOMENT));

        assertTimedOut(() -> other.end(second, XAResource.TMSUCCESS));
        resource.end(xid, XAResource.TMSUSPEND);
        resource.start(xid, XAResource.TMRESUME);
        timer.pass(JUST_BEFORE);
        assertTimedOut(() -> resource.end(xid, XAResource.TMSUCCESS));
    }
}
