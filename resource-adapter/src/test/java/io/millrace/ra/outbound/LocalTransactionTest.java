// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.resource.spi.LocalTransaction;
import jakarta.resource.spi.LocalTransactionException;
import jakarta.resource.spi.ManagedConnectionMetaData;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A managed connection as a pool with {@code LocalTransaction} uses it (Jakarta Connectors 2.1, section 7.7), and what it tells of itself. */
@Timeout(60)
class LocalTransactionTest {
    @RegisterExtension
    final MillraceExtension millrace = new MillraceExtension();

    private MillraceManagedConnection managed;
    private LocalTransaction transaction;
    private Connection handle;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        MillraceManagedConnectionFactory factory = new MillraceManagedConnectionFactory();
        factory.setUrl(millrace.broker().url());
        managed = (MillraceManagedConnection) factory.createManagedConnection(null, null);
        transaction = managed.getLocalTransaction();
        handle = (Connection) managed.getConnection(null, null);
        handle.start();
        session = handle.createSession();
    }

    @AfterEach
    void disconnect() {
        managed.destroy();
    }

    private void send(String queue, String text) throws Exception {
        session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
    }

    private String receive(String queue) throws Exception {
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            return consumer.receive(10_000).getBody(String.class);
        }
    }

    private List<String> rest(String queue) {
        List<String> texts = new ArrayList<>();
        try (JMSContext context =
                        new MillraceConnectionFactory(millrace.broker().url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            String text = consumer.receiveBody(String.class, 200);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBody(String.class, 200);
            }
        }
        return texts;
    }

    @Test
    void whatIsSentAndReceivedInALocalTransactionIsCommittedTogether() throws Exception {
        send("in", "a");
        transaction.begin();
        assertTrue(session.getTransacted());
        send("out", receive("in"));

        transaction.commit();

        assertFalse(session.getTransacted());
        assertEquals(List.of("a"), rest("out"));
        assertEquals(List.of(), rest("in"));
    }

    @Test
    void aRollbackUndoesWhatWasSentAndGivesBackWhatWasReceived() throws Exception {
        send("in", "a");
        transaction.begin();
        send("out", receive("in"));

        transaction.rollback();

        assertEquals(List.of(), rest("out"));
        assertEquals(List.of("a"), rest("in"));
    }

    @Test
    void oneTransactionFollowsTheOtherOnTheSameConnection() throws Exception {
        transaction.begin();
        send("out", "never");
        transaction.rollback();
        transaction.begin();
        send("out", "first");
        transaction.commit();
        send("out", "at once");

        assertEquals(List.of("first", "at once"), rest("out"));
    }

    @Test
    void aTransactionIsNotBegunTwice() throws Exception {
        transaction.begin();

        assertThrows(LocalTransactionException.class, transaction::begin);
    }

    @Test
    void aTransactionThatTheContainerLeavesOpenIsRolledBackAsTheConnectionGoesBackToThePool() throws Exception {
        send("in", "a");
        transaction.begin();
        send("out", receive("in"));

        managed.cleanup();

        session = ((Connection) managed.getConnection(null, null)).createSession();
        assertFalse(session.getTransacted());
        send("out", "at once");
        transaction.begin();
        send("out", "next");
        transaction.commit();
        assertEquals(List.of("at once", "next"), rest("out"));
        assertEquals(List.of("a"), rest("in"));
    }

    @Test
    void aTransactionWhoseBrokerIsLostFailsToCommitAndLeavesNothing() throws Exception {
        transaction.begin();
        send("out", "lost");
        millrace.broker().restart();

        assertThrows(LocalTransactionException.class, transaction::commit);

        assertEquals(List.of(), rest("out"));
    }

    @Test
    void tellsTheProductAndTheVersionOfJakartaMessaging() throws Exception {
        ManagedConnectionMetaData ofThePool = managed.getMetaData();

        assertEquals("Millrace", ofThePool.getEISProductName());
        assertNotNull(ofThePool.getEISProductVersion());
        assertEquals(0, ofThePool.getMaxConnections(), "no limit");
        assertEquals("3.1", handle.getMetaData().getJMSVersion());
        assertEquals(ofThePool.getEISProductVersion(), handle.getMetaData().getProviderVersion());
    }
}
