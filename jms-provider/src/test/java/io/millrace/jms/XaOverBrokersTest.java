// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.BrokerCall;
import io.millrace.protocol.message.EndBranch;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Branches in a cluster of two brokers: the resource manager is the cluster (XA specification, sections 2.3 and 3.3). */
@Timeout(90)
class XaOverBrokersTest {
    private static final int SCAN = XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN;

    @TempDir
    static Path directory;

    private TwoBrokers brokers;
    private final String here = "here-" + UUID.randomUUID();
    private final String there = "there-" + UUID.randomUUID();
    private final TestXid xid = TestXid.fresh();
    private XAConnection connection;
    private XASession session;

    @BeforeEach
    void connect() throws Exception {
        brokers = new TwoBrokers(directory.resolve(here));
        brokers.create(here, 1);
        brokers.create(there, 2);
        connection = factory(1).createXAConnection();
        connection.start();
        session = connection.createXASession();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        brokers.close();
    }

    private MillraceXAConnectionFactory factory(int broker) {
        return new MillraceXAConnectionFactory(brokers.broker(broker).url());
    }

    private void work(String... queues) throws Exception {
        session.getXAResource().start(xid, XAResource.TMNOFLAGS);
        for (String queue : queues) {
            session.createProducer(session.createQueue(queue)).send(session.createTextMessage("to " + queue));
        }
        session.getXAResource().end(xid, XAResource.TMSUCCESS);
    }

    private boolean isInDoubt(XAResource asked) throws XAException {
        return Arrays.stream(asked.recover(SCAN)).anyMatch(xid::is);
    }

    @Test
    void aBranchOfAnotherBrokerIsRecoveredAndCommitted() throws Exception {
        work(there);
        session.getXAResource().prepare(xid);
        connection.close();
        try (XAConnection recovering = factory(1).createXAConnection()) {
            XAResource resource = recovering.createXASession().getXAResource();
            assertTrue(isInDoubt(resource));

            resource.commit(xid, false);

            assertEquals(0, resource.recover(SCAN).length);
        }
        assertEquals(List.of("to " + there), brokers.rest(there));
    }

    @Test
    void aBranchOverBothBrokersIsCommittedOnBoth() throws Exception {
        brokers.send(here, "first");
        brokers.send(there, "second");
        MessageConsumer ofHere = session.createConsumer(session.createQueue(here));
        MessageConsumer ofThere = session.createConsumer(session.createQueue(there));
        session.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertEquals("first", ((TextMessage) ofHere.receive(10_000)).getText());
        assertEquals("second", ((TextMessage) ofThere.receive(10_000)).getText());
        session.createProducer(session.createQueue(there)).send(session.createTextMessage("x"));
        session.createProducer(session.createQueue(here)).send(session.createTextMessage("y"));
        session.getXAResource().end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, session.getXAResource().prepare(xid));
        assertTrue(isInDoubt(session.getXAResource()));

        session.getXAResource().commit(xid, false);

        connection.close();
        assertEquals(List.of("x"), brokers.rest(there));
        assertEquals(List.of("y"), brokers.rest(here));
    }

    @Test
    void aBranchOverBothBrokersIsRolledBackOnBothByAnotherConnection() throws Exception {
        brokers.send(here, "first");
        MessageConsumer ofHere = session.createConsumer(session.createQueue(here));
        session.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertEquals("first", ((TextMessage) ofHere.receive(10_000)).getText());
        session.createProducer(session.createQueue(there)).send(session.createTextMessage("x"));
        session.getXAResource().end(xid, XAResource.TMSUCCESS);
        session.getXAResource().prepare(xid);
        connection.close();
        try (XAConnection recovering = factory(2).createXAConnection()) {
            XAResource resource = recovering.createXASession().getXAResource();

            resource.rollback(xid);

            assertEquals(0, resource.recover(SCAN).length);
        }
        assertEquals(List.of("first"), brokers.rest(here));
        assertEquals(List.of(), brokers.rest(there));
    }

    @Test
    void recoverFailsWhileABrokerIsAwayAndListsNothingInPart() throws Exception {
        work(here, there);
        session.getXAResource().prepare(xid);
        connection.close();
        try (XAConnection recovering = new MillraceXAConnectionFactory(
                        brokers.broker(1).url() + "?requestTimeoutMs=1000")
                .createXAConnection()) {
            XAResource resource = recovering.createXASession().getXAResource();
            brokers.broker(2).close();

            XAException failure = assertThrows(XAException.class, () -> resource.recover(SCAN));

            assertEquals(XAException.XAER_RMFAIL, failure.errorCode, failure.getMessage());
            XAException undecided = assertThrows(XAException.class, () -> resource.commit(xid, false));
            assertEquals(XAException.XAER_RMFAIL, undecided.errorCode, undecided.getMessage());
        }
    }

    @Test
    void aCommitInOnePhaseOverBothBrokersIsDoneOnBoth() throws Exception {
        brokers.send(there, "first");
        MessageConsumer ofThere = session.createConsumer(session.createQueue(there));
        session.getXAResource().start(xid, XAResource.TMNOFLAGS);
        assertEquals("first", ((TextMessage) ofThere.receive(10_000)).getText());
        session.createProducer(session.createQueue(here)).send(session.createTextMessage("x"));
        session.getXAResource().end(xid, XAResource.TMSUCCESS);

        session.getXAResource().commit(xid, true);

        connection.close();
        assertEquals(List.of("x"), brokers.rest(here));
        assertEquals(List.of(), brokers.rest(there));
    }

    @Test
    void aPartThatAnOperatorHasRolledBackMakesTheCommitAMixedOneUntilItIsForgotten() throws Exception {
        work(here, there);
        session.getXAResource().prepare(xid);
        var unused = BrokerCall.send(
                brokers.broker(2).bootstrapServers(),
                null,
                new EndBranch(UUID.randomUUID(), Xids.of(xid), EndBranch.Action.ROLLBACK, true));

        XAException mixed =
                assertThrows(XAException.class, () -> session.getXAResource().commit(xid, false));

        assertEquals(XAException.XA_HEURMIX, mixed.errorCode, mixed.getMessage());
        assertTrue(isInDoubt(session.getXAResource()), "remembered");
        session.getXAResource().forget(xid);
        assertEquals(0, session.getXAResource().recover(SCAN).length);
        connection.close();
        assertEquals(List.of("to " + here), brokers.rest(here));
        assertEquals(List.of(), brokers.rest(there));
    }

    @Test
    void aTopicThatABranchAtTheOtherBrokerNamesIsNotDeletedByThisOne() throws Exception {
        work(there);
        session.getXAResource().prepare(xid);

        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", brokers.broker(1).bootstrapServers()))) {
            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> admin.deleteTopics(List.of(there)).all().get());
            assertTrue(refused.getMessage().contains("cannot be deleted now"), refused.getMessage());
            session.getXAResource().commit(xid, false);
            admin.deleteTopics(List.of(there)).all().get();
        }
    }
}
