// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Local transactions over both brokers of a cluster (Jakarta Messaging 3.1, section 6.2.7). */
@Timeout(90)
class LocalOverBrokersTest {
    @TempDir
    static Path directory;

    private TwoBrokers brokers;
    private final String here = "here-" + UUID.randomUUID();
    private final String there = "there-" + UUID.randomUUID();
    private Connection connection;
    private Session session;

    @BeforeEach
    void connect() throws Exception {
        brokers = new TwoBrokers(directory.resolve(here));
        brokers.create(here, 1);
        brokers.create(there, 2);
        connection = new MillraceConnectionFactory(brokers.broker(1).url()).createConnection();
        connection.start();
        session = connection.createSession(true, Session.SESSION_TRANSACTED);
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        brokers.close();
    }

    private void send(String queue, String text) throws Exception {
        session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
    }

    private String receive(MessageConsumer consumer) throws Exception {
        return ((TextMessage) consumer.receive(10_000)).getText();
    }

    @Test
    void sendsAndAcknowledgementsAtBothAreCommittedTogether() throws Exception {
        brokers.send(here, "a");
        brokers.send(there, "b");
        MessageConsumer ofHere = session.createConsumer(session.createQueue(here));
        MessageConsumer ofThere = session.createConsumer(session.createQueue(there));
        assertEquals("a", receive(ofHere));
        assertEquals("b", receive(ofThere));
        send(there, "x");
        send(here, "y");

        session.commit();

        connection.close();
        assertEquals(List.of("y"), brokers.rest(here));
        assertEquals(List.of("x"), brokers.rest(there));
    }

    @Test
    void aRollbackGivesBothBack() throws Exception {
        brokers.send(here, "a");
        MessageConsumer ofHere = session.createConsumer(session.createQueue(here));
        assertEquals("a", receive(ofHere));
        send(there, "x");

        session.rollback();

        connection.close();
        assertEquals(List.of("a"), brokers.rest(here));
        assertEquals(List.of(), brokers.rest(there));
    }

    @Test
    void manyTransactionsOfOneSessionKeepTheirOrderAtBoth() throws Exception {
        for (int i = 0; i < 20; i++) {
            send(here, "" + i);
            send(there, "" + i);
            session.commit();
        }

        connection.close();
        List<String> all = java.util.stream.IntStream.range(0, 20)
                .mapToObj(Integer::toString)
                .toList();
        assertEquals(all, brokers.rest(here));
        assertEquals(all, brokers.rest(there));
    }

    @Test
    void aSessionReceivesWhatItHasCommittedAtOnce() throws Exception {
        MessageConsumer ofHere = session.createConsumer(session.createQueue(here));
        MessageConsumer ofThere = session.createConsumer(session.createQueue(there));
        for (int i = 0; i < 20; i++) {
            send(here, "" + i);
            send(there, "" + i);
            session.commit();

            assertEquals("" + i, ((TextMessage) ofHere.receiveNoWait()).getText());
            assertEquals("" + i, ((TextMessage) ofThere.receiveNoWait()).getText());
        }
    }

    @Test
    void whatCannotBePreparedAtOneIsDoneAtNone() throws Exception {
        brokers.send(here, "a");
        MessageConsumer ofHere = session.createConsumer(session.createQueue(here));
        assertEquals("a", receive(ofHere));
        send(there, "x");
        try (Admin admin =
                Admin.create(Map.of("bootstrap.servers", brokers.broker(1).bootstrapServers()))) {
            admin.deleteTopics(List.of(there)).all().get();
        }

        var rolledBack = assertThrows(TransactionRolledBackException.class, session::commit);

        assertInstanceOf(InvalidDestinationException.class, rolledBack.getLinkedException());

        assertEquals("a", receive(ofHere), "the session can be used on");
        send(here, "y");
        session.commit();
        connection.close();
        assertEquals(List.of("y"), brokers.rest(here));
    }
}
