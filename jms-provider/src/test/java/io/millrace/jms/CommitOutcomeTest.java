// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Status;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Answers that are lost, and failures while things are closed: nothing is reported as what it may not be. */
@Timeout(30)
class CommitOutcomeTest {
    private static final MillraceQueue ORDERS = new MillraceQueue("orders");

    private final AtomicInteger commits = new AtomicInteger();
    private ScriptedPeer peer;
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        peer = new ScriptedPeer();
        connection = new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=300").createConnection();
        session = connection.createSession(Session.SESSION_TRANSACTED);
        session.createProducer(ORDERS).send(session.createTextMessage("a"));
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        peer.close();
    }

    private static Commit.Response committed() {
        return new Commit.Response(Status.OK, List.of(0L));
    }

    private static Commit.Response refused(ErrorCode code) {
        return new Commit.Response(Status.of(code, "scripted"), List.of());
    }

    @Test
    void aCommitWithoutAnswerIsSentAgainUnderItsId() throws Exception {
        peer.when(Commit.class, commit -> commits.incrementAndGet() == 1 ? null : committed());

        session.commit();

        UUID first = peer.next(Commit.class).bundleId();
        assertEquals(first, peer.next(Commit.class).bundleId());
    }

    @Test
    void aCommitWhoseLinkIsLostIsSentAgainOverANewOneInTheSameName() throws Exception {
        peer.when(Commit.class, commit -> {
            if (commits.incrementAndGet() == 1) {
                cut();
                return null;
            }
            return committed();
        });

        session.commit();

        UUID first = peer.next(Commit.class).bundleId();
        assertEquals(first, peer.next(Commit.class).bundleId());
        UUID incarnation = peer.next(Connect.class).clientIncarnation();
        assertEquals(incarnation, peer.next(Connect.class).clientIncarnation());
    }

    private void cut() {
        try {
            peer.cutConnections();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aCommitThatTheBrokerNeverAppliedIsReportedAsRolledBack() throws Exception {
        peer.when(
                Commit.class, commit -> commits.incrementAndGet() == 1 ? null : refused(ErrorCode.TRANSACTION_ABORTED));

        assertThrows(TransactionRolledBackException.class, session::commit);

        peer.next(RecoverSession.class);
    }

    private JMSException commitAgain() throws JMSException {
        session.createProducer(ORDERS).send(session.createTextMessage("b"));
        return assertThrows(JMSException.class, session::commit);
    }

    @Test
    void aBundleDoesNotOvertakeTheOneBeforeItWhoseOutcomeIsUnknown() throws Exception {
        peer.when(Commit.class, commit -> null);
        assertThrows(JMSException.class, session::commit);

        JMSException second = commitAgain();

        assertTrue(second instanceof TransactionRolledBackException, second.toString());
        UUID first = peer.next(Commit.class).bundleId();
        for (int left = peer.waiting(Commit.class); left > 0; left--) {
            assertEquals(first, peer.next(Commit.class).bundleId());
        }
    }

    @Test
    void aBundleFollowsTheOneBeforeItOnceItsOutcomeIsKnown() throws Exception {
        peer.when(Commit.class, commit -> null);
        assertThrows(JMSException.class, session::commit);
        UUID first = peer.next(Commit.class).bundleId();
        for (int left = peer.waiting(Commit.class); left > 0; left--) {
            assertEquals(first, peer.next(Commit.class).bundleId());
        }
        peer.when(Commit.class, commit -> committed());
        session.createProducer(ORDERS).send(session.createTextMessage("b"));

        session.commit();

        assertEquals(first, peer.next(Commit.class).bundleId());
        assertFalse(first.equals(peer.next(Commit.class).bundleId()));
        session.createProducer(ORDERS).send(session.createTextMessage("c"));
        session.commit();
        assertFalse(first.equals(peer.next(Commit.class).bundleId()), "it is asked about once");
    }

    @Test
    void aBundleFollowsTheOneBeforeItOnceThatSurelyWasNotCommitted() throws Exception {
        peer.when(Commit.class, commit -> null);
        assertThrows(JMSException.class, session::commit);
        UUID first = peer.next(Commit.class).bundleId();
        peer.when(
                Commit.class,
                commit -> commit.bundleId().equals(first) ? refused(ErrorCode.TRANSACTION_ABORTED) : committed());
        session.createProducer(ORDERS).send(session.createTextMessage("b"));

        session.commit();
    }

    @Test
    void aCommitThatStaysUnansweredIsUnknownAndNotRolledBack() throws Exception {
        peer.when(Commit.class, commit -> null);

        JMSException unknown = assertThrows(JMSException.class, session::commit);

        assertEquals("MILLRACE_OUTCOME_UNKNOWN", unknown.getErrorCode());
        assertFalse(unknown instanceof TransactionRolledBackException);
        assertTrue(unknown.getMessage().contains("unknown"), unknown.getMessage());
        assertEquals(0, peer.waiting(RecoverSession.class));
    }

    @Test
    void aStorageFailureOfTheBrokerIsNotTakenForARollback() throws Exception {
        peer.when(Commit.class, commit -> refused(ErrorCode.STORAGE_FAILED));

        JMSException unknown = assertThrows(JMSException.class, session::commit);

        assertEquals("MILLRACE_OUTCOME_UNKNOWN", unknown.getErrorCode());
        assertEquals(0, peer.waiting(RecoverSession.class));
    }

    @Test
    void anInterruptedCommitIsNotTakenForARollback() throws Exception {
        peer.when(Commit.class, commit -> null);
        Thread.currentThread().interrupt();

        JMSException unknown = assertThrows(JMSException.class, session::commit);

        assertTrue(Thread.interrupted());
        assertEquals("MILLRACE_OUTCOME_UNKNOWN", unknown.getErrorCode());
        assertEquals(0, peer.waiting(RecoverSession.class));
    }

    @Test
    void closingASessionThatOnlySentTellsTheBroker() throws Exception {
        session.commit();

        session.close();

        peer.next(CloseSession.class);
    }

    @Test
    void closingAConnectionClosesEverySessionWhateverFails() throws Exception {
        Session other = connection.createSession();
        other.createConsumer(ORDERS);
        session.createConsumer(ORDERS);
        peer.when(CloseSession.class, close -> new PlainResponse(Status.of(ErrorCode.INTERNAL, "scripted")));

        JMSException failure = assertThrows(JMSException.class, connection::close);

        assertEquals(1, failure.getSuppressed().length);
        peer.next(CloseSession.class);
        peer.next(CloseSession.class);
        connection.close();
        assertEquals(0, peer.waiting(CloseSession.class), "close is idempotent");
        assertThrows(jakarta.jms.IllegalStateException.class, other::createMessage);
    }

    @Test
    void anAcknowledgementWithoutAnswerCanBeRepeated() throws Exception {
        AtomicInteger accepts = new AtomicInteger();
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = client.createConsumer(ORDERS);
        connection.start();
        peer.deliver(11, 0, 5, "a");
        Message message = consumer.receive();
        peer.next(Acknowledge.class);
        peer.when(
                Acknowledge.class,
                ack -> accepts.incrementAndGet() == 1 ? null : new Acknowledge.Response(Status.OK, List.of()));
        assertThrows(JMSException.class, message::acknowledge);

        message.acknowledge();

        assertEquals(2, accepts.get());
        message.acknowledge();
        assertEquals(2, accepts.get(), "nothing is left to acknowledge");
    }
}
