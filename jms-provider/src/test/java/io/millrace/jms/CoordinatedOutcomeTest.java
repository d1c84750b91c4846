// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.protocol.message.BeginBundle;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.EndBundle;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Status;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's steps of a coordinated commit (docs/decisions/0020), with a peer that refuses or is silent at one of them. */
@Timeout(30)
class CoordinatedOutcomeTest {
    private ScriptedPeer peer;
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        peer = new ScriptedPeer().with(Feature.COORDINATED_TRANSACTIONS);
        peer.when(BeginBundle.class, begin -> new BeginBundle.Response(Status.OK, new UUID(0, 7)));
        peer.when(EndBranch.class, end -> new EndBranch.Response(Status.OK, Outcome.DONE));
        connection = new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=300&alwaysCoordinate=true")
                .createConnection();
        session = connection.createSession(Session.SESSION_TRANSACTED);
        send();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        peer.close();
    }

    private void send() throws JMSException {
        session.createProducer(new MillraceQueue("here")).send(session.createTextMessage("a"));
        session.createProducer(new MillraceQueue("there")).send(session.createTextMessage("b"));
    }

    private static Status refusal(ErrorCode code) {
        return Status.of(code, "scripted");
    }

    @Test
    void thePartsNameTheDecidingPartitionAndAreAppliedAfterTheDecision() throws Exception {
        session.commit();

        BeginBundle begun = peer.next(BeginBundle.class);
        Prepare prepared = peer.next(Prepare.class);
        Commit decision = peer.next(Commit.class);
        EndBranch applied = peer.next(EndBranch.class);
        EndBundle over = peer.next(EndBundle.class);
        assertEquals(begun.bundleId(), prepared.branch().bundle().bundleId());
        assertEquals(new UUID(0, 7), prepared.branch().bundle().topicId());
        assertEquals(begun.bundleId(), decision.bundleId());
        assertEquals(begun.destination(), decision.destination());
        assertEquals(List.of(new Commit.Participant(0, 0)), decision.participants());
        assertEquals(Action.COMMIT, applied.action());
        assertEquals(prepared.branch(), applied.branch());
        assertEquals(new EndBundle(begun.bundleId(), begun.destination(), 0, true), over);
    }

    @Test
    void aPartThatCannotBePreparedRollsAllBackAndNothingIsDecided() throws Exception {
        peer.when(Prepare.class, prepare -> new PlainResponse(refusal(ErrorCode.UNAVAILABLE)));

        assertThrows(TransactionRolledBackException.class, session::commit);

        assertEquals(Action.ROLLBACK, peer.next(EndBranch.class).action());
        assertFalse(peer.next(EndBundle.class).applied());
        assertEquals(0, peer.waiting(Commit.class));
    }

    @Test
    void aRefusedDecisionRollsThePartsBack() throws Exception {
        peer.when(Commit.class, commit -> new Commit.Response(refusal(ErrorCode.TRANSACTION_ABORTED), List.of()));

        assertThrows(TransactionRolledBackException.class, session::commit);

        assertEquals(Action.ROLLBACK, peer.next(EndBranch.class).action());
        assertFalse(peer.next(EndBundle.class).applied());
    }

    @Test
    void aDecisionWithoutAnswerIsUnknownAndNoPartIsEndedEitherWay() throws Exception {
        peer.when(Commit.class, commit -> null);

        JMSException unknown = assertThrows(JMSException.class, session::commit);

        assertEquals("MILLRACE_OUTCOME_UNKNOWN", unknown.getErrorCode());
        assertEquals(0, peer.waiting(EndBranch.class));
        assertEquals(0, peer.waiting(EndBundle.class));
    }

    @Test
    void aBeginningThatIsRefusedForNowIsTriedAgain() throws Exception {
        AtomicInteger begins = new AtomicInteger();
        peer.when(
                BeginBundle.class,
                begin -> begins.incrementAndGet() == 1
                        ? new BeginBundle.Response(refusal(ErrorCode.UNAVAILABLE), new UUID(0, 0))
                        : new BeginBundle.Response(Status.OK, new UUID(0, 7)));

        session.commit();

        assertEquals(2, begins.get());
    }

    @Test
    void whatABrokerHasNotAppliedYetComesBeforeTheSessionsNextBundle() throws Exception {
        AtomicBoolean away = new AtomicBoolean(true);
        peer.when(
                EndBranch.class,
                end -> new EndBranch.Response(away.get() ? refusal(ErrorCode.UNAVAILABLE) : Status.OK, Outcome.DONE));
        session.commit();
        BeginBundle first = peer.next(BeginBundle.class);
        assertEquals(0, peer.waiting(EndBundle.class), "the decision is still needed");
        send();
        assertThrows(TransactionRolledBackException.class, session::commit);
        assertEquals(0, peer.waiting(BeginBundle.class));
        while (peer.waiting(EndBranch.class) > 0) {
            peer.next(EndBranch.class);
        }
        away.set(false);
        send();

        session.commit();

        assertEquals(
                first.bundleId(), peer.next(EndBranch.class).branch().bundle().bundleId());
        assertEquals(
                peer.next(BeginBundle.class).bundleId(),
                peer.next(EndBranch.class).branch().bundle().bundleId());
    }

    @Test
    void aPartThatAnOperatorHasRolledBackIsTold() throws Exception {
        peer.when(EndBranch.class, end -> new EndBranch.Response(Status.OK, Outcome.HEURISTICALLY_ROLLED_BACK));

        JMSException mixed = assertThrows(JMSException.class, session::commit);

        assertEquals("MILLRACE_HEURISTIC_MIX", mixed.getErrorCode());
    }
}
