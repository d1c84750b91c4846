// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.ra.BrokerView;
import io.millrace.ra.MillraceResourceAdapter;
import io.millrace.ra.TestXid;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.resource.spi.ManagedConnection;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Connection factories over a server's pool, against a real broker. */
@Timeout(90)
class PooledTest {
    private final Pool pool = new Pool();
    private final MillraceResourceAdapter adapter = new MillraceResourceAdapter();
    private final MillraceManagedConnectionFactory managed = new MillraceManagedConnectionFactory();
    private EmbeddedBroker broker;

    @BeforeEach
    void start() {
        broker = EmbeddedBroker.start();
        adapter.setUrl(broker.url());
        managed.setResourceAdapter(adapter);
    }

    @AfterEach
    void stop() throws Exception {
        pool.destroyAll();
        broker.close();
    }

    private ConnectionFactory lookup() {
        return (ConnectionFactory) managed.createConnectionFactory(pool);
    }

    private static void send(Session session, String queue, String text) throws Exception {
        session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
    }

    private long depth(String queue) throws Exception {
        return BrokerView.groups(broker, queue).stream()
                .mapToLong(group -> group.depth())
                .sum();
    }

    @Test
    void tenThousandLookupsAndSendsLeakNothing() throws Exception {
        try (JMSContext context = lookup().createContext()) {
            context.createConsumer(context.createQueue("leaks")).close();
        }
        Thread[] before = threads();
        for (int i = 0; i < 10_000; i++) {
            try (JMSContext context = lookup().createContext()) {
                context.createProducer().send(context.createQueue("leaks"), "x");
            }
        }

        assertEquals(1, broker.connectionCount());
        assertEquals(1, pool.free.size());
        assertEquals(0, pool.used.size());
        assertTrue(threads().length <= before.length + 4, threads().length + " threads, before " + before.length);
        assertEquals(10_000, depth("leaks"));
        pool.destroyAll();
        await().atMost(20, SECONDS).until(() -> broker.connectionCount() == 0);
        assertEquals(0, adapter.connections().count());
    }

    private static Thread[] threads() {
        return Thread.getAllStackTraces().keySet().toArray(Thread[]::new);
    }

    @Test
    void consumersAndTemporaryQueuesThatAnApplicationForgotEndWithItsConnection() throws Exception {
        for (int i = 0; i < 300; i++) {
            try (Connection connection = lookup().createConnection()) {
                connection.start();
                Session session = connection.createSession();
                session.createConsumer(session.createQueue("forgotten"));
                session.createConsumer(session.createTemporaryQueue());
            }
        }

        assertEquals(0, BrokerView.groups(broker, "forgotten").get(0).consumers());
        await().atMost(20, SECONDS).until(() -> broker.connectionCount() == 1); // the view's own is closed
    }

    @Test
    void manyManagedConnectionsOfOneUserAreOneConnectionToTheBroker() throws Exception {
        List<Connection> handles = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            Connection handle = lookup().createConnection();
            handles.add(handle);
            send(handle.createSession(), "many", "m" + i);
        }

        assertEquals(20, pool.used.size());
        assertEquals(1, broker.connectionCount());
        for (Connection handle : handles) {
            handle.close();
        }
        pool.destroyAll();
        await().atMost(20, SECONDS).until(() -> broker.connectionCount() == 0);
    }

    @Test
    void aClientIdServesAllConnectionsOfAFactory() throws Exception {
        managed.setClientId("one-for-all");
        try (Connection first = lookup().createConnection();
                Connection second = lookup().createConnection()) {
            assertEquals("one-for-all", first.getClientID());
            assertEquals("one-for-all", second.getClientID());
        }
    }

    @Test
    void aBrokerThatIsNotThereLeavesNothingBehind() {
        String url = broker.url();
        broker.close();
        adapter.setUrl(url);

        for (int i = 0; i < 3; i++) {
            assertThrows(jakarta.jms.JMSException.class, () -> lookup().createConnection());
        }

        assertEquals(0, adapter.connections().count());
        assertEquals(0, pool.used.size());
        broker = EmbeddedBroker.start();
    }

    @Test
    void aLostBrokerIsToldToThePoolForEachConnectionAndTheNextHandleWorks() throws Exception {
        Connection one = lookup().createConnection();
        Connection two = lookup().createConnection();
        Set<ManagedConnection> both = new HashSet<>(pool.used);

        broker.restart();

        await().atMost(20, SECONDS).until(() -> pool.failed.equals(both));
        assertEquals(both, managed.getInvalidConnections(both));
        one.close();
        two.close();
        ManagedConnection mended = pool.free.iterator().next();
        Connection handle = (Connection) mended.getConnection(null, null);
        send(handle.createSession(), "after", "x");
        assertEquals(1, depthOf("after"));
    }

    private int depthOf(String queue) throws Exception {
        try (Connection connection = lookup().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            int count = 0;
            while (consumer.receive(count == 0 ? 5_000 : 200) != null) {
                count++;
            }
            return count;
        }
    }

    @Test
    void handleMovesToAnotherManagedConnectionAndGoesOn() throws Exception {
        Connection handle = lookup().createConnection();
        Session session = handle.createSession();
        send(session, "moved", "a");
        MillraceManagedConnection first =
                (MillraceManagedConnection) pool.used.iterator().next();
        ManagedConnection other = managed.createManagedConnection(null, null);

        first.dissociateConnections();
        assertThrows(jakarta.jms.IllegalStateException.class, () -> send(session, "moved", "nowhere"));
        other.associateConnection(handle);
        send(session, "moved", "b");

        assertEquals(2, depthOf("moved"));
        other.destroy();
    }

    @Test
    void aLazilyEnlistingContainerIsAskedBeforeTheFirstWorkAndNotWithoutATransaction() throws Exception {
        Connection handle = lookup().createConnection();
        Session session = handle.createSession();
        send(session, "lazy", "outside");
        assertEquals(0, pool.enlistments.get());
        XAResource resource = pool.used.iterator().next().getXAResource();
        TestXid xid = TestXid.fresh();

        pool.transaction = xid;
        send(session, "lazy", "inside 1");
        send(session, "lazy", "inside 2");
        pool.transaction = null;
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);

        assertEquals(1, pool.enlistments.get());
        assertEquals(1, depthOf("lazy"));
    }

    @Test
    void connectionsOfOneTransactionShareItsBranch() throws Exception {
        Session one = lookup().createConnection().createSession();
        Session two = lookup().createConnection().createSession();
        List<XAResource> resources = new ArrayList<>();
        for (ManagedConnection connection : pool.used) {
            resources.add(connection.getXAResource());
        }
        TestXid xid = TestXid.fresh();

        assertTrue(resources.get(0).isSameRM(resources.get(1)));
        resources.get(0).start(xid, XAResource.TMNOFLAGS);
        resources.get(1).start(xid, XAResource.TMJOIN);
        send(one, "joined", "a");
        send(two, "joined", "b");
        resources.get(0).end(xid, XAResource.TMSUCCESS);
        resources.get(1).end(xid, XAResource.TMSUCCESS);
        resources.get(0).commit(xid, true);

        assertEquals(2, depthOf("joined"));
    }

    @Test
    void temporaryQueueEndsWithTheHandleThatMadeIt() throws Exception {
        Connection keeper = lookup().createConnection();
        Connection maker = lookup().createConnection();
        TemporaryQueue queue = maker.createSession().createTemporaryQueue();
        Session other = keeper.createSession();
        other.createProducer(queue).send(other.createTextMessage("x"));

        maker.close();

        assertThrows(
                InvalidDestinationException.class,
                () -> other.createProducer(queue).send(other.createTextMessage("y")));
    }

    @Test
    void nothingIsReceivedBeforeTheHandleIsStarted() throws Exception {
        Connection handle = lookup().createConnection();
        Session session = handle.createSession();
        Queue queue = session.createQueue("unstarted");
        send(session, "unstarted", "x");
        MessageConsumer consumer = session.createConsumer(queue);

        assertNull(consumer.receiveNoWait());
        assertNull(consumer.receive(100));
        handle.start();
        assertEquals("x", ((TextMessage) consumer.receive(10_000)).getText());
    }

    @Test
    void pooledConnectionIsHandedOutAgain() throws Exception {
        lookup().createConnection().close();
        ManagedConnection first = pool.free.iterator().next();

        Connection again = lookup().createConnection();

        assertSame(first, pool.used.iterator().next());
        again.close();
    }
}
