// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * XA sessions on a real broker, by the letter of {@code XAResource}, of the XA specification (chapters 3, 5 and 6) and of
 * Jakarta Messaging 3.1 ({@code XASession}, {@code XAJMSContext}).
 */
@Timeout(60)
class XaTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final String in = "in-" + UUID.randomUUID();
    private final String out = "out-" + UUID.randomUUID();
    private final TestXid xid = TestXid.fresh();
    private XAConnection connection;
    private XASession session;
    private XAResource resource;

    @BeforeEach
    void connect() throws Exception {
        connection = factory().createXAConnection();
        connection.start();
        session = connection.createXASession();
        resource = session.getXAResource();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
    }

    private static MillraceXAConnectionFactory factory() {
        return new MillraceXAConnectionFactory(MILLRACE.broker().url());
    }

    private static void send(String queue, String... texts) {
        try (JMSContext context = factory().createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    private static List<String> rest(String queue) {
        try (JMSContext context = factory().createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            List<String> texts = new ArrayList<>();
            String text = consumer.receiveBodyNoWait(String.class);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBodyNoWait(String.class);
            }
            return texts;
        }
    }

    private void sendHere(String text) throws Exception {
        session.createProducer(session.createQueue(out)).send(session.createTextMessage(text));
    }

    private String receiveHere(MessageConsumer consumer) throws Exception {
        TextMessage message = (TextMessage) consumer.receive(10_000);
        return message == null ? null : message.getText();
    }

    private MessageConsumer consumer() throws Exception {
        return session.createConsumer(session.createQueue(in));
    }

    private static void assertXa(int code, Executable action) {
        XAException failure = assertThrows(XAException.class, action);
        assertEquals(code, failure.errorCode, failure.getMessage());
    }

    private boolean isInDoubt(XAResource asked) throws Exception {
        return Arrays.stream(asked.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .anyMatch(xid::is);
    }

    // ---- work and its end

    @Test
    void onePhaseCommitSendsAndAcknowledges() throws Exception {
        send(in, "a");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer()));
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(List.of(), rest(out));

        resource.commit(xid, true);

        session.close();
        assertEquals(List.of("x"), rest(out));
        assertEquals(List.of(), rest(in));
    }

    @Test
    void twoPhaseCommitTakesEffectAtTheCommit() throws Exception {
        send(in, "a");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer()));
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);

        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        assertEquals(List.of(), rest(out));
        assertTrue(isInDoubt(resource));
        resource.commit(xid, false);

        session.close();
        assertEquals(List.of("x"), rest(out));
        assertEquals(List.of(), rest(in));
        assertXa(XAException.XAER_NOTA, () -> resource.commit(xid, false));
    }

    @Test
    void preparedBranchOutlivesItsConnectionAndEndsByAnother() throws Exception {
        send(in, "a");
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer()));
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        connection.close();
        assertEquals(List.of(), rest(in));

        try (XAJMSContext recovery = factory().createXAContext()) {
            assertTrue(isInDoubt(recovery.getXAResource()));
            recovery.getXAResource().commit(xid, false);
            assertFalse(isInDoubt(recovery.getXAResource()));
        }

        assertEquals(List.of("x"), rest(out));
        assertEquals(List.of(), rest(in));
    }

    @Test
    void rollbackBeforePrepareRedeliversInOrderWithItsCount() throws Exception {
        send(in, "a", "b");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer));
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);

        resource.rollback(xid);

        TextMessage again = (TextMessage) consumer.receive(10_000);
        assertEquals("a", again.getText());
        assertTrue(again.getJMSRedelivered());
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        assertEquals("b", receiveHere(consumer));
        assertEquals(List.of(), rest(out));
    }

    @Test
    void rollbackAfterPrepareRedeliversWithItsCount() throws Exception {
        send(in, "a");
        MessageConsumer consumer = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer));
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        assertNull(consumer.receiveNoWait());

        resource.rollback(xid);

        TextMessage again = (TextMessage) consumer.receive(10_000);
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        assertEquals(List.of(), rest(out));
        assertFalse(isInDoubt(resource));
    }

    @Test
    void rollbackOfOneBranchLeavesWhatAnotherHasReceived() throws Exception {
        send(in, "a", "b");
        MessageConsumer consumer = consumer();
        TestXid second = TestXid.fresh();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer));
        resource.end(xid, XAResource.TMSUCCESS);
        resource.start(second, XAResource.TMNOFLAGS);
        assertEquals("b", receiveHere(consumer));
        resource.end(second, XAResource.TMSUCCESS);

        resource.rollback(xid);
        resource.commit(second, true);

        TextMessage again = (TextMessage) consumer.receive(10_000);
        assertEquals("a", again.getText());
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        session.close();
        assertEquals(List.of(), rest(in));
    }

    @Test
    void branchThatDidNothingIsReadOnly() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        resource.end(xid, XAResource.TMSUCCESS);

        assertEquals(XAResource.XA_RDONLY, resource.prepare(xid));

        assertXa(XAException.XAER_NOTA, () -> resource.commit(xid, false));
    }

    @Test
    void suspendedBranchGoesOnAfterItsResumption() throws Exception {
        TestXid second = TestXid.fresh();
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("first");
        resource.end(xid, XAResource.TMSUSPEND);
        resource.start(second, XAResource.TMNOFLAGS);
        sendHere("other");
        resource.end(second, XAResource.TMSUCCESS);
        resource.start(xid, XAResource.TMRESUME);
        sendHere("second");
        resource.end(xid, XAResource.TMSUCCESS);

        resource.commit(xid, true);

        assertEquals(List.of("first", "second"), rest(out));
        resource.rollback(second);
        assertEquals(List.of(), rest(out));
    }

    @Test
    void sessionsOfOneConnectionJoinOneBranch() throws Exception {
        send(in, "a", "b");
        XASession other = connection.createXASession();
        XAResource joined = other.getXAResource();
        assertTrue(resource.isSameRM(joined));
        MessageConsumer mine = consumer();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(mine));
        mine.close();
        MessageConsumer others = other.createConsumer(other.createQueue(in));
        joined.start(xid, XAResource.TMJOIN);
        assertEquals("b", receiveHere(others));
        other.createProducer(other.createQueue(out)).send(other.createTextMessage("x"));
        joined.end(xid, XAResource.TMSUCCESS);
        resource.end(xid, XAResource.TMSUCCESS);

        assertEquals(XAResource.XA_OK, resource.prepare(xid));
        joined.commit(xid, false);

        connection.close();
        assertEquals(List.of("x"), rest(out));
        assertEquals(List.of(), rest(in));
    }

    @Test
    void sessionsOfTwoConnectionsAreNotOneResourceManager() throws Exception {
        try (XAJMSContext other = factory().createXAContext()) {
            assertFalse(resource.isSameRM(other.getXAResource()));
            resource.start(xid, XAResource.TMNOFLAGS);

            assertXa(XAException.XAER_NOTA, () -> other.getXAResource().start(xid, XAResource.TMJOIN));
        }
    }

    @Test
    void outsideOfABranchASessionSendsAtOnceAndAcknowledgesByItself() throws Exception {
        send(in, "a");

        sendHere("x");
        assertEquals("a", receiveHere(consumer()));

        assertEquals(List.of("x"), rest(out));
        connection.close();
        assertEquals(List.of(), rest(in));
    }

    @Test
    void listenersMessageBelongsToTheBranchThatStartsMeanwhile() throws Exception {
        send(in, "a", "b");
        XaDeliveries.inBranches(session);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        session.createConsumer(session.createQueue(in)).setMessageListener(message -> {
            TestXid branch = TestXid.fresh();
            try {
                resource.start(branch, XAResource.TMNOFLAGS);
                sendHere("x-" + message.getBody(String.class));
                resource.end(branch, XAResource.TMSUCCESS);
                resource.prepare(branch);
                if (message.getIntProperty("JMSXDeliveryCount") == 1) {
                    resource.rollback(branch);
                } else {
                    resource.commit(branch, false);
                }
                heard.add(message.getBody(String.class) + message.getIntProperty("JMSXDeliveryCount"));
            } catch (Exception e) {
                heard.add(e.toString());
            }
        });

        List<String> four = List.of(take(heard), take(heard), take(heard), take(heard));

        connection.close();
        assertEquals(List.of("a1", "a2", "b1", "b2"), four.stream().sorted().toList());
        assertEquals(List.of("x-a", "x-b"), rest(out).stream().sorted().toList());
        assertEquals(List.of(), rest(in));
    }

    @Test
    void messageThatNoBranchHasTakenIsDeliveredAgain() throws Exception {
        send(in, "a");
        XaDeliveries.inBranches(session);
        BlockingQueue<String> heard = new LinkedBlockingQueue<>();
        session.createConsumer(session.createQueue(in)).setMessageListener(message -> {
            try {
                heard.add(message.getBody(String.class) + message.getIntProperty("JMSXDeliveryCount"));
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });

        assertEquals("a1", take(heard));
        assertEquals("a2", take(heard));

        connection.close();
        assertEquals(List.of("a"), rest(in));
    }

    private static String take(BlockingQueue<String> heard) throws InterruptedException {
        return String.valueOf(heard.poll(20, TimeUnit.SECONDS));
    }

    @Test
    void whatWasSentInABranchOutlivesItsSession() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        session.close();

        connection.createXASession().getXAResource().commit(xid, true);

        assertEquals(List.of("x"), rest(out));
    }

    @Test
    void branchThatReceivedInAClosedSessionCanOnlyBeRolledBack() throws Exception {
        send(in, "a");
        XAResource another = connection.createXASession().getXAResource();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertEquals("a", receiveHere(consumer()));
        resource.end(xid, XAResource.TMSUCCESS);
        session.close();

        assertXa(XAException.XA_RBCOMMFAIL, () -> another.prepare(xid));

        assertEquals(List.of("a"), rest(in));
    }

    // ---- the protocol's letter

    @Test
    void workThatFailedCanOnlyBeRolledBack() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");
        resource.end(xid, XAResource.TMFAIL);

        assertXa(XAException.XA_RBROLLBACK, () -> resource.prepare(xid));

        assertXa(XAException.XAER_NOTA, () -> resource.rollback(xid));
        assertEquals(List.of(), rest(out));
    }

    @Test
    void knownBranchCannotBeStartedAgain() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        XAResource other = connection.createXASession().getXAResource();

        assertXa(XAException.XAER_DUPID, () -> other.start(xid, XAResource.TMNOFLAGS));
    }

    @Test
    void branchPreparedByAnotherConnectionCannotBePreparedAgain() throws Exception {
        try (XAJMSContext other = factory().createXAContext()) {
            other.getXAResource().start(xid, XAResource.TMNOFLAGS);
            other.createProducer().send(other.createQueue(out), "x");
            other.getXAResource().end(xid, XAResource.TMSUCCESS);
            other.getXAResource().prepare(xid);
        }
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("y");
        resource.end(xid, XAResource.TMSUCCESS);

        assertXa(XAException.XAER_DUPID, () -> resource.prepare(xid));

        resource.commit(xid, false);
        assertEquals(List.of("x"), rest(out));
    }

    @Test
    void resourceWorksInOneBranchAtATime() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);

        assertXa(XAException.XAER_PROTO, () -> resource.start(TestXid.fresh(), XAResource.TMNOFLAGS));
    }

    @Test
    void branchThatIsWorkedInCannotBeEnded() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");

        assertXa(XAException.XAER_PROTO, () -> resource.prepare(xid));
        assertXa(XAException.XAER_PROTO, () -> resource.commit(xid, true));
        assertXa(XAException.XAER_PROTO, () -> resource.rollback(xid));

        resource.end(xid, XAResource.TMSUCCESS);
        resource.commit(xid, true);
        assertEquals(List.of("x"), rest(out));
    }

    @Test
    void onlyAPreparedBranchIsCommittedInTwoPhasesAndOnlyAnotherInOne() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);

        assertXa(XAException.XAER_PROTO, () -> resource.commit(xid, false));
        resource.prepare(xid);
        assertXa(XAException.XAER_PROTO, () -> resource.commit(xid, true));
        assertXa(XAException.XAER_PROTO, () -> resource.prepare(xid));
        assertXa(XAException.XAER_PROTO, () -> resource.start(xid, XAResource.TMJOIN));
        assertXa(XAException.XAER_PROTO, () -> resource.forget(xid));

        resource.rollback(xid);
    }

    @Test
    void unknownBranchIsRefusedByEveryCall() {
        assertXa(XAException.XAER_NOTA, () -> resource.start(xid, XAResource.TMJOIN));
        assertXa(XAException.XAER_NOTA, () -> resource.start(xid, XAResource.TMRESUME));
        assertXa(XAException.XAER_NOTA, () -> resource.end(xid, XAResource.TMSUCCESS));
        assertXa(XAException.XAER_NOTA, () -> resource.prepare(xid));
        assertXa(XAException.XAER_NOTA, () -> resource.commit(xid, true));
        assertXa(XAException.XAER_NOTA, () -> resource.commit(xid, false));
        assertXa(XAException.XAER_NOTA, () -> resource.rollback(xid));
        assertXa(XAException.XAER_NOTA, () -> resource.forget(xid));
    }

    @Test
    void branchThatIsNotSuspendedCannotBeResumed() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        resource.end(xid, XAResource.TMSUCCESS);

        assertXa(XAException.XAER_PROTO, () -> resource.start(xid, XAResource.TMRESUME));
        assertXa(XAException.XAER_PROTO, () -> resource.end(xid, XAResource.TMSUCCESS));
    }

    @Test
    void wrongArgumentsAreRefused() {
        assertXa(XAException.XAER_INVAL, () -> resource.start(null, XAResource.TMNOFLAGS));
        assertXa(XAException.XAER_INVAL, () -> resource.start(xid, XAResource.TMSUCCESS));
        assertXa(XAException.XAER_INVAL, () -> resource.setTransactionTimeout(-1));
        assertXa(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMJOIN));
    }

    @Test
    void recoveryScanListsAtItsStartAndNothingLater() throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        assertXa(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMNOFLAGS));
        assertXa(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMENDRSCAN));

        Xid[] first = resource.recover(XAResource.TMSTARTRSCAN);
        Xid[] second = resource.recover(XAResource.TMNOFLAGS);
        Xid[] last = resource.recover(XAResource.TMENDRSCAN);

        assertTrue(Arrays.stream(first).anyMatch(xid::is));
        assertEquals(0, second.length);
        assertEquals(0, last.length);
        assertXa(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMNOFLAGS));
        resource.rollback(xid);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void recoveredXidNamesTheBranch(boolean commits) throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        sendHere("x");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        Xid recovered = Arrays.stream(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .filter(xid::is)
                .findFirst()
                .orElseThrow();

        if (commits) {
            resource.commit(recovered, false);
        } else {
            resource.rollback(recovered);
        }

        assertEquals(commits ? List.of("x") : List.of(), rest(out));
    }

    // ---- Jakarta Messaging's letter

    @Test
    void xaSessionIsTransactedAndLeavesItsTransactionsToTheirManager() throws Exception {
        assertTrue(session.getTransacted());
        assertEquals(Session.SESSION_TRANSACTED, session.getAcknowledgeMode());
        assertThrows(TransactionInProgressException.class, session::commit);
        assertThrows(TransactionInProgressException.class, session::rollback);
        assertThrows(IllegalStateException.class, session::recover);
    }

    @Test
    void xaContextIsTransactedAndLeavesItsTransactionsToTheirManager() {
        try (XAJMSContext context = factory().createXAContext()) {
            assertTrue(context.getTransacted());
            assertEquals(context, context.getContext());
            assertThrows(TransactionInProgressRuntimeException.class, context::commit);
            assertThrows(TransactionInProgressRuntimeException.class, context::rollback);
        }
    }

    @Test
    void domainSpecificFactoriesMakeXaSessionsOfTheirDomain() throws Exception {
        try (var queues = factory().createXAQueueConnection();
                var topics = factory().createXATopicConnection()) {
            assertTrue(queues.createXAQueueSession().getQueueSession().getTransacted());
            assertTrue(topics.createXATopicSession().getTopicSession().getTransacted());
            assertThrows(
                    IllegalStateException.class,
                    () -> queues.createXAQueueSession().createTopic("t"));
        }
    }

    @Test
    void factoryComesBackFromItsReference() throws Exception {
        MillraceXAConnectionFactory made = factory();
        made.setPrefetch(7);

        Object again = new MillraceObjectFactory().getObjectInstance(made.getReference(), null, null, null);

        assertEquals(made, again);
    }
}
