// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.EndBranch;
import io.millrace.protocol.message.EndBranch.Action;
import io.millrace.protocol.message.EndBranch.Outcome;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Prepare;
import io.millrace.protocol.message.Status;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.function.Executable;

/** What a transaction manager is told when answers are missing or an operator was first; by a scripted broker. */
@Timeout(30)
class XaOutcomeTest {
    private final TestXid xid = TestXid.fresh();
    private final AtomicInteger asked = new AtomicInteger();
    private ScriptedPeer peer;
    private XAConnection connection;
    private XAResource resource;

    @BeforeEach
    void work() throws Exception {
        peer = new ScriptedPeer().with(Feature.XA);
        connection = new MillraceXAConnectionFactory(peer.url() + "?requestTimeoutMs=300").createXAConnection();
        XASession session = connection.createXASession();
        resource = session.getXAResource();
        resource.start(xid, XAResource.TMNOFLAGS);
        session.createProducer(session.createQueue("orders")).send(session.createTextMessage("a"));
        resource.end(xid, XAResource.TMSUCCESS);
        peer.when(Prepare.class, prepare -> PlainResponse.OK);
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        peer.close();
    }

    private static EndBranch.Response ended(Outcome outcome) {
        return new EndBranch.Response(Status.OK, outcome);
    }

    private static EndBranch.Response refused(ErrorCode code) {
        return new EndBranch.Response(Status.of(code, "scripted"), Outcome.DONE);
    }

    private static void assertXa(int code, Executable action) {
        XAException failure = assertThrows(XAException.class, action);
        assertEquals(code, failure.errorCode, failure.getMessage());
    }

    @Test
    void aPrepareWithoutAnswerIsSentAgainUnderItsBundleId() throws Exception {
        peer.when(Prepare.class, prepare -> asked.incrementAndGet() == 1 ? null : PlainResponse.OK);

        assertEquals(XAResource.XA_OK, resource.prepare(xid));

        assertEquals(
                peer.next(Prepare.class).bundleId(), peer.next(Prepare.class).bundleId());
    }

    @Test
    void aPrepareThatStaysUnansweredIsRolledBackAtTheBroker() throws Exception {
        peer.when(Prepare.class, prepare -> null);
        assertXa(XAException.XAER_RMFAIL, () -> resource.prepare(xid));
        peer.when(EndBranch.class, end -> ended(Outcome.DONE));

        resource.rollback(xid);

        assertEquals(Action.ROLLBACK, peer.next(EndBranch.class).action());
    }

    @Test
    void aPrepareThatNeverArrivedNeedsNoRollbackAtTheBroker() throws Exception {
        peer.when(Prepare.class, prepare -> null);
        assertXa(XAException.XAER_RMFAIL, () -> resource.prepare(xid));
        peer.when(EndBranch.class, end -> refused(ErrorCode.UNKNOWN_BRANCH));

        resource.rollback(xid);

        peer.when(ListBranches.class, list -> new ListBranches.Response(Status.OK, List.of()));
        assertXa(XAException.XAER_NOTA, () -> resource.rollback(xid));
    }

    @Test
    void aRefusedPrepareIsARollback() {
        peer.when(Prepare.class, prepare -> new PlainResponse(Status.of(ErrorCode.TRANSACTION_ABORTED, "scripted")));

        assertXa(XAException.XA_RBROLLBACK, () -> resource.prepare(xid));
    }

    @Test
    void aBundleThatIsTooLargeIsARollbackThatSaysSo() {
        peer.when(Prepare.class, prepare -> new PlainResponse(Status.of(ErrorCode.TOO_LARGE, "scripted")));

        assertXa(XAException.XA_RBOTHER, () -> resource.prepare(xid));
    }

    @Test
    void aOnePhaseCommitOfUnknownOutcomeIsNotCalledARollback() {
        peer.when(Commit.class, commit -> null);

        assertXa(XAException.XAER_RMFAIL, () -> resource.commit(xid, true));
    }

    @Test
    void aDecisionIsSentAgainUnderItsRequestIdWhileTheBrokerRecovers() throws Exception {
        resource.prepare(xid);
        peer.when(
                EndBranch.class,
                end -> asked.incrementAndGet() == 1 ? refused(ErrorCode.UNAVAILABLE) : ended(Outcome.DONE));

        resource.commit(xid, false);

        assertEquals(
                peer.next(EndBranch.class).requestId(),
                peer.next(EndBranch.class).requestId());
    }

    @Test
    void aDecisionWithoutAnswerIsLeftToRecovery() throws Exception {
        resource.prepare(xid);
        peer.when(EndBranch.class, end -> null);

        assertXa(XAException.XAER_RMFAIL, () -> resource.commit(xid, false));

        peer.when(EndBranch.class, end -> ended(Outcome.DONE));
        resource.commit(xid, false);
    }

    @Test
    void whatAnOperatorDidIsAHeuristicOutcomeUntilItIsForgotten() throws Exception {
        resource.prepare(xid);
        peer.when(EndBranch.class, end -> ended(Outcome.HEURISTICALLY_COMMITTED));
        assertXa(XAException.XA_HEURCOM, () -> resource.rollback(xid));
        peer.when(EndBranch.class, end -> ended(Outcome.HEURISTICALLY_ROLLED_BACK));
        assertXa(XAException.XA_HEURRB, () -> resource.commit(xid, false));
        peer.when(EndBranch.class, end -> ended(Outcome.DONE));

        resource.forget(xid);
    }

    @Test
    void aFullTemporaryQueueLetsTheCommitBeTriedAgain() throws Exception {
        resource.prepare(xid);
        peer.when(EndBranch.class, end -> refused(ErrorCode.DESTINATION_FULL));

        assertXa(XAException.XA_RETRY, () -> resource.commit(xid, false));
    }

    @Test
    void aBrokerThatIsRecoveringGivesNoPartOfItsList() {
        peer.when(
                ListBranches.class,
                list -> new ListBranches.Response(Status.of(ErrorCode.UNAVAILABLE, "scripted"), List.of()));

        assertXa(XAException.XAER_RMFAIL, () -> resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN));
    }

    @Test
    void aClosedConnectionIsAFailureOfTheResourceManager() throws Exception {
        connection.close();

        assertXa(XAException.XAER_RMFAIL, () -> resource.prepare(xid));
        assertXa(XAException.XAER_RMFAIL, () -> resource.commit(TestXid.fresh(), false));
        assertXa(XAException.XAER_RMFAIL, () -> resource.recover(XAResource.TMSTARTRSCAN));
    }

    @Test
    void aBrokerWithoutXaIsRefusedLoudly() throws Exception {
        peer.without(Feature.XA);
        try (XAConnection other = new MillraceXAConnectionFactory(peer.url()).createXAConnection()) {
            JMSException missing = assertThrows(JMSException.class, other::createXASession);

            assertEquals("MILLRACE_UNSUPPORTED_FEATURE", missing.getErrorCode());
        }
    }
}
