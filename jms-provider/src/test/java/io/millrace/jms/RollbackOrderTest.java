// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import javax.transaction.xa.XAResource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a rollback returns comes again before what the client had buffered behind it: messages of one producer are received
 * in the order in which they were sent (Jakarta Messaging 3.1, sections 6.2.7 and 6.2.10).
 */
@Timeout(60)
class RollbackOrderTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static final List<String> ALL =
            IntStream.rangeClosed(1, 10).mapToObj(String::valueOf).toList();

    private final String queue = "q-" + UUID.randomUUID();

    private static MillraceXAConnectionFactory factory() {
        return new MillraceXAConnectionFactory(MILLRACE.broker().url());
    }

    private void sendAll() {
        try (JMSContext context = factory().createContext()) {
            ALL.forEach(text -> context.createProducer().send(context.createQueue(queue), text));
        }
    }

    private static List<String> receive(MessageConsumer consumer, int count) throws Exception {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            texts.add(((TextMessage) consumer.receive(10_000)).getText());
        }
        return texts;
    }

    @Test
    void localTransactionsMessagesComeBeforeWhatWasBuffered() throws Exception {
        sendAll();
        try (Connection connection = factory().createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            assertEquals(ALL.subList(0, 3), receive(consumer, 3));

            session.rollback();

            assertEquals(ALL, receive(consumer, 10));
        }
    }

    @Test
    void branchsMessagesComeBeforeWhatWasBuffered() throws Exception {
        sendAll();
        try (XAConnection connection = factory().createXAConnection()) {
            connection.start();
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            TestXid xid = TestXid.fresh();
            resource.start(xid, XAResource.TMNOFLAGS);
            assertEquals(ALL.subList(0, 3), receive(consumer, 3));
            resource.end(xid, XAResource.TMSUCCESS);

            resource.rollback(xid);

            assertEquals(ALL, receive(consumer, 10));
        }
    }

    @Test
    void preparedBranchsMessagesComeBeforeWhatWasBuffered() throws Exception {
        sendAll();
        try (XAConnection connection = factory().createXAConnection()) {
            connection.start();
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            TestXid xid = TestXid.fresh();
            resource.start(xid, XAResource.TMNOFLAGS);
            assertEquals(ALL.subList(0, 3), receive(consumer, 3));
            resource.end(xid, XAResource.TMSUCCESS);
            resource.prepare(xid);

            resource.rollback(xid);

            assertEquals(ALL, receive(consumer, 10));
        }
    }

    /** The other branch keeps its two, so the session cannot begin anew. */
    @Test
    void oneOfTwoBranchesOfASessionIsRolledBackInOrder() throws Exception {
        sendAll();
        try (XAConnection connection = factory().createXAConnection()) {
            connection.start();
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            TestXid xid = TestXid.fresh();
            TestXid other = TestXid.fresh();
            resource.start(xid, XAResource.TMNOFLAGS);
            assertEquals(ALL.subList(0, 3), receive(consumer, 3));
            resource.end(xid, XAResource.TMSUCCESS);
            resource.start(other, XAResource.TMNOFLAGS);
            assertEquals(ALL.subList(3, 5), receive(consumer, 2));
            resource.end(other, XAResource.TMSUCCESS);

            resource.rollback(xid);

            List<String> left = new ArrayList<>(ALL);
            left.removeAll(ALL.subList(3, 5));
            assertEquals(left, receive(consumer, 8));
            resource.commit(other, true);
        }
    }
}
