// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.MillraceResourceAdapter;
import io.millrace.ra.RecoveryResource;
import io.millrace.ra.TestXid;
import io.millrace.ra.outbound.MillraceManagedConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.Session;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.ManagedConnection;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Branches that were prepared, of a broker that went away before it was told their outcome. */
@Timeout(60)
class LostBrokerTest {
    private static final int SCAN = XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN;

    private final ThreadedServer server = new ThreadedServer();
    private final MillraceResourceAdapter adapter = new MillraceResourceAdapter();
    private final TestXid xid = TestXid.fresh();

    @TempDir
    private Path data;

    private EmbeddedBroker broker;
    private int port;

    @BeforeEach
    void start() throws Exception {
        broker = EmbeddedBroker.start(data);
        port = broker.port();
        adapter.setUrl(broker.url());
        adapter.start(server);
    }

    @AfterEach
    void stop() {
        adapter.stop();
        server.close();
        broker.close();
    }

    private void startAgain() {
        broker = EmbeddedBroker.builder()
                .directory(data)
                .set("listen.port", Integer.toString(port))
                .start();
    }

    private BrokerSettings settings(String clientId) {
        return new BrokerSettings(broker.url(), null, null, clientId);
    }

    private int inDoubt() throws XAException {
        return new RecoveryResource(settings(null)).recover(SCAN).length;
    }

    private static void sendInBranch(XAResource resource, Session session, TestXid xid) throws Exception {
        resource.start(xid, XAResource.TMNOFLAGS);
        session.createProducer(session.createQueue("out")).send(session.createTextMessage("x"));
        resource.end(xid, XAResource.TMSUCCESS);
        assertEquals(XAResource.XA_OK, resource.prepare(xid));
    }

    /** Jakarta Connectors 2.1, section 7.6: the transaction manager may take the branch for rolled back. */
    @Test
    void aRollbackThatTheBrokerMissedIsDoneWhenTheBrokerIsBack() throws Exception {
        MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        ManagedConnection managed = factory.createManagedConnection(null, null);
        XAResource resource = managed.getXAResource();
        Session session = ((Connection) managed.getConnection(null, null)).createSession();
        sendInBranch(resource, session, xid);
        broker.close();

        XAException away = assertThrows(XAException.class, () -> resource.rollback(xid));
        managed.destroy();
        startAgain();

        assertEquals(XAException.XAER_RMFAIL, away.errorCode);
        await().atMost(30, SECONDS).until(() -> inDoubt() == 0);
    }

    @Test
    void aDeliverysBranchIsCommittedOverANewConnectionWhenItsOwnIsLost() throws Exception {
        XAConnection connection = settings(null).factory(0).createXAConnection();
        XASession session = connection.createXASession();
        XAResource own = session.getXAResource();
        DeliveryResource resource = new DeliveryResource(own, () -> settings(null), AwayBroker.outsideOfAServer());
        sendInBranch(resource, session, xid);
        broker.restart();

        resource.commit(xid, false);

        assertEquals(0, inDoubt());
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            assertEquals("x", context.createConsumer(context.createQueue("out")).receiveBody(String.class, 20_000));
        }
    }

    /** Some transaction managers call once only, and take XAER_RMFAIL for an error of the application's. */
    @Test
    void aCommitWaitsForABrokerThatIsAway() throws Exception {
        MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        ManagedConnection managed = factory.createManagedConnection(null, null);
        XAResource resource = managed.getXAResource();
        Session session = ((Connection) managed.getConnection(null, null)).createSession();
        sendInBranch(resource, session, xid);
        broker.close();
        CompletableFuture<Void> back = CompletableFuture.runAsync(this::startAgain);

        resource.commit(xid, false);

        back.join();
        assertEquals(0, inDoubt());
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            assertEquals("x", context.createConsumer(context.createQueue("out")).receiveBody(String.class, 20_000));
        }
    }

    @Test
    void aCommitThatShallNotWaitIsToBeRepeatedAtOnce() throws Exception {
        adapter.setCommitWait(0);
        MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
        factory.setResourceAdapter(adapter);
        ManagedConnection managed = factory.createManagedConnection(null, null);
        XAResource resource = managed.getXAResource();
        Session session = ((Connection) managed.getConnection(null, null)).createSession();
        sendInBranch(resource, session, xid);
        broker.close();

        XAException away = assertThrows(XAException.class, () -> resource.commit(xid, false));

        assertEquals(XAException.XA_RETRY, away.errorCode);
        startAgain();
        resource.commit(xid, false);
        assertEquals(0, inDoubt());
    }

    @Test
    void recoveryWorksBesideAConnectionWithTheActivationsClientId() throws Exception {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestination("news");
        spec.setDestinationType("jakarta.jms.Topic");
        spec.setClientId("news-desk");
        try (Connection connection = settings("news-desk").factory(0).createConnection()) {
            connection.start();

            XAResource[] resources = adapter.getXAResources(new ActivationSpec[] {spec});

            assertEquals(0, resources[0].recover(SCAN).length);
        }
    }
}
