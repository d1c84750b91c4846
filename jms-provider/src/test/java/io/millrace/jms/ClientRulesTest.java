// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.millrace.protocol.jms.BodyType;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Status;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.TransactionRolledBackException;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.message.ProduceRequestData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The client's side of the wire contract, against a scripted peer. */
@Timeout(30)
class ClientRulesTest {
    private static final MillraceQueue ORDERS = new MillraceQueue("orders");

    private ScriptedPeer peer;
    private Connection connection;

    @BeforeEach
    void connect() throws Exception {
        peer = new ScriptedPeer();
        connection = new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=3000&reconnectTimeoutMs=0")
                .createConnection();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        peer.close();
    }

    private Session session(int mode) throws JMSException {
        return connection.createSession(mode);
    }

    @Test
    void givesNoCreditBeforeStart() throws Exception {
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        assertNull(consumer.receive(1));
        assertEquals(0, peer.waiting(Pull.class));

        connection.start();

        assertEquals(250, peer.next(Pull.class).maxMessages());
    }

    @Test
    void acceptsAtOnceInAutoMode() throws Exception {
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();
        peer.deliver(11, 0, 5, "a");

        TextMessage message = (TextMessage) consumer.receive();

        assertEquals("a", message.getText());
        assertEquals(1, message.getIntProperty("JMSXDeliveryCount"));
        assertFalse(message.getJMSRedelivered());
        var ack = peer.next(Acknowledge.class).acks().get(0);
        assertEquals(AckType.ACCEPT, ack.type());
        assertEquals(5, ack.firstOffset());
        assertEquals(11, ack.lease());
    }

    @Test
    void acknowledgesEverythingReceivedInClientMode() throws Exception {
        MessageConsumer consumer = session(Session.CLIENT_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();
        peer.deliver(11, 0, 5, "a", "b", "c");
        consumer.receive();
        Message second = consumer.receive();
        Acknowledge receipts = peer.next(Acknowledge.class);
        assertEquals(AckType.RECEIPT, receipts.acks().get(0).type());

        second.acknowledge();

        Acknowledge accept = peer.next(Acknowledge.class);
        while (accept.acks().get(0).type() == AckType.RECEIPT) {
            accept = peer.next(Acknowledge.class);
        }
        assertEquals(1, accept.acks().size());
        assertEquals(5, accept.acks().get(0).firstOffset());
        assertEquals(6, accept.acks().get(0).lastOffset(), "the third was not received");
    }

    @Test
    void recoverRaisesTheEpochAndDropsWhatWasBuffered() throws Exception {
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(ORDERS);
        connection.start();
        peer.deliver(11, 0, 5, "a", "b");
        assertEquals("a", ((TextMessage) consumer.receive()).getText());

        session.recover();

        assertEquals(1, peer.next(RecoverSession.class).sessionEpoch());
        Pull old = peer.next(Pull.class);
        peer.deliver(old, 12, 0, 7, text("late"));
        Pull fresh = peer.next(Pull.class);
        assertEquals(1, fresh.sessionEpoch());
        peer.deliver(fresh, 13, 1, 5, text("a"));
        TextMessage again = (TextMessage) consumer.receive();
        assertEquals("a", again.getText());
        assertEquals(2, again.getIntProperty("JMSXDeliveryCount"));
        assertTrue(again.getJMSRedelivered());
    }

    /** Jakarta Messaging 3.1, section 3.4.10: expedited messages are delivered ahead of normal ones. */
    @Test
    void aHigherPriorityOvertakesWhatIsBufferedAndNothingOfItsOwnPriority() throws Exception {
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();
        peer.deliver(peer.next(Pull.class), 11, 0, 5, prioritized("a", 7), prioritized("b", 4), prioritized("c", 2));
        peer.deliver(peer.next(Pull.class), 12, 0, 8, prioritized("d", 7), prioritized("e", 4), prioritized("f", 9));
        peer.next(Pull.class); // the client has taken both in

        StringBuilder order = new StringBuilder();
        for (int i = 0; i < 6; i++) {
            order.append(((TextMessage) consumer.receive()).getText());
        }

        assertEquals("fadbec", order.toString());
    }

    private static JmsRecord prioritized(String text, int priority) {
        return JmsRecord.builder()
                .body(BodyType.TEXT, text.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .priority(priority)
                .build();
    }

    private static JmsRecord text(String text) {
        return JmsRecord.builder()
                .body(BodyType.TEXT, text.getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .build();
    }

    @Test
    void shipsSendsAndAcknowledgementsAsOneBundle() throws Exception {
        Session session = session(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createConsumer(ORDERS);
        connection.start();
        peer.deliver(11, 0, 5, "a");
        consumer.receive();
        session.createProducer(new MillraceQueue("out")).send(session.createTextMessage("b"));
        assertEquals(0, peer.waiting(ProduceRequestData.class));

        session.commit();

        Commit bundle = peer.next(Commit.class);
        assertEquals("out", bundle.sends().get(0).destination());
        assertEquals(AckType.ACCEPT, bundle.acks().get(0).type());
        assertEquals(5, bundle.acks().get(0).firstOffset());
    }

    @Test
    void aRefusedBundleIsRolledBackAndReported() throws Exception {
        peer.when(
                Commit.class,
                commit -> new Commit.Response(Status.of(ErrorCode.TRANSACTION_ABORTED, "a lease ended"), List.of()));
        Session session = session(Session.SESSION_TRANSACTED);
        session.createConsumer(ORDERS);
        session.createProducer(ORDERS).send(session.createTextMessage("b"));

        assertThrows(TransactionRolledBackException.class, session::commit);

        assertEquals(1, peer.next(RecoverSession.class).sessionEpoch());
    }

    @Test
    void transactionsNeedTheFeature() throws Exception {
        try (ScriptedPeer plain = new ScriptedPeer().without(Feature.LOCAL_TRANSACTIONS);
                Connection to = new MillraceConnectionFactory(plain.url()).createConnection()) {
            JMSException refused = assertThrows(JMSException.class, () -> to.createSession(Session.SESSION_TRANSACTED));
            assertTrue(refused.getMessage().contains("LOCAL_TRANSACTIONS"), refused.getMessage());
        }
    }

    @Test
    void receiveNoWaitEndsWithADrain() throws Exception {
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();

        assertNull(consumer.receiveNoWait());

        peer.next(io.millrace.protocol.message.Drain.class);
    }

    @Test
    void doesNotDeliverWhatHasExpired() throws Exception {
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();
        Pull pull = peer.next(Pull.class);
        JmsRecord expired = text("old").toBuilder().expirationMs(1).build();
        peer.deliver(pull, 11, 0, 5, expired, text("new"));

        assertEquals("new", ((TextMessage) consumer.receive()).getText());
        assertEquals(AckType.EXPIRED, peer.next(Acknowledge.class).acks().get(0).type());
    }

    @Test
    void aListenerThatThrowsGetsTheMessageAgain() throws Exception {
        // Jakarta Messaging 3.1, section 8.7: AUTO_ACKNOWLEDGE redelivers at once.
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        BlockingQueue<Message> seen = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            seen.add(message);
            throw new RuntimeException("on purpose");
        });
        connection.start();
        peer.deliver(11, 0, 5, "a");

        assertNotNull(seen.poll(10, TimeUnit.SECONDS));

        RecoverSession recover = peer.next(RecoverSession.class);
        assertEquals(AckType.RECEIPT, recover.receipts().get(0).type());
        assertEquals(5, recover.receipts().get(0).firstOffset());
        assertEquals(0, peer.waiting(Acknowledge.class));
    }

    @Test
    void aListenerMustNotCloseItsSession() throws Exception {
        // Jakarta Messaging 3.1, sections 6.1.5 and 6.2.15.
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        session.createConsumer(ORDERS).setMessageListener(message -> {
            outcome.add(assertThrows(IllegalStateException.class, session::close));
            outcome.add(assertThrows(IllegalStateException.class, connection::stop));
            outcome.add(assertThrows(IllegalStateException.class, connection::close));
        });
        connection.start();
        peer.deliver(11, 0, 5, "a");

        for (int i = 0; i < 3; i++) {
            assertInstanceOf(IllegalStateException.class, outcome.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void closingAConsumerReturnsWhatItBuffered() throws Exception {
        MessageConsumer consumer = session(Session.CLIENT_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();
        peer.deliver(11, 0, 5, "a", "b");
        consumer.receive();

        consumer.close();
        consumer.close();

        peer.next(CloseConsumer.class);
        assertEquals(0, peer.waiting(CloseConsumer.class), "close is idempotent");
        assertThrows(IllegalStateException.class, consumer::receive);
    }

    @Test
    void aSendCompletesOnceItIsDurable() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        TextMessage message = session.createTextMessage("a");

        session.createProducer(ORDERS).send(message);

        assertEquals(
                "orders",
                peer.next(ProduceRequestData.class)
                        .topicData()
                        .iterator()
                        .next()
                        .name());
        assertEquals(ORDERS, message.getJMSDestination());
        assertTrue(message.getJMSMessageID().startsWith("ID:"));
    }

    @Test
    void anAsynchronousSendThatFailsCompletesExceptionallyOnce() throws Exception {
        peer.refuseProduce((short) 56);
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        BlockingQueue<Object> outcome = new LinkedBlockingQueue<>();
        MessageProducer producer = session.createProducer(ORDERS);

        producer.send(session.createTextMessage("a"), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                outcome.add(message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                outcome.add(exception);
            }
        });
        producer.close();

        JMSException failure = assertInstanceOf(JMSException.class, outcome.poll());
        assertEquals("MILLRACE_STORAGE_FAILED", failure.getErrorCode());
        assertNull(outcome.poll());
    }

    @Test
    void aLostConnectionIsToldOnceAndFailsWhoWaits() throws Exception {
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        connection.setExceptionListener(told::add);
        MessageConsumer consumer = session(Session.AUTO_ACKNOWLEDGE).createConsumer(ORDERS);
        connection.start();
        peer.next(Pull.class);
        Thread cut = new Thread(() -> {
            try {
                peer.cutConnections();
            } catch (java.io.IOException e) {
                fail(e);
            }
        });
        cut.start();

        JMSException lost = assertThrows(JMSException.class, consumer::receive);

        assertEquals("MILLRACE_LINK_LOST", lost.getErrorCode());
        assertNotNull(told.poll(10, TimeUnit.SECONDS));
        assertNull(told.poll());
        assertThrows(JMSException.class, () -> session(Session.AUTO_ACKNOWLEDGE));
    }

    @Test
    void aBrokerThatFallsSilentIsGivenUp() throws Exception {
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        try (Connection impatient = new MillraceConnectionFactory(
                        peer.url() + "?heartbeatTimeoutMs=300&reconnectTimeoutMs=0")
                .createConnection()) {
            impatient.setExceptionListener(told::add);

            peer.fallSilent();

            assertNotNull(told.poll(10, TimeUnit.SECONDS));
        }
    }

    @Test
    void anUnansweredRequestFailsInTime() throws Exception {
        try (Connection impatient =
                new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=100").createConnection()) {
            peer.when(OpenDestination.class, open -> null);
            Session session = impatient.createSession();

            JMSException late = assertThrows(JMSException.class, () -> session.createConsumer(ORDERS));

            assertEquals("MILLRACE_TIMED_OUT", late.getErrorCode());
        }
    }

    @Test
    void theWrongKindOfDestinationIsNamed() throws Exception {
        peer.when(
                OpenDestination.class,
                open -> new OpenDestination.Response(
                        Status.of(ErrorCode.WRONG_DESTINATION_KIND, "orders is a queue"), List.of()));
        Session session = session(Session.AUTO_ACKNOWLEDGE);

        JMSException wrong = assertThrows(
                InvalidDestinationException.class, () -> session.createConsumer(new MillraceTopic("orders")));

        assertTrue(wrong.getMessage().contains("orders is a queue"));
    }

    @Test
    void whatIsNotOfferedIsRefusedLoudly() throws Exception {
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MillraceTopic topic = new MillraceTopic("prices");

        assertTrue(assertThrows(JMSException.class, () -> session.createConsumer(ORDERS, "price > 5"))
                .getMessage()
                .contains("SELECTORS"));
        assertThrows(InvalidSelectorException.class, () -> session.createConsumer(ORDERS, "price >"));
        assertThrows(JMSException.class, () -> session.createConsumer(topic, null, true));
        assertThrows(JMSException.class, () -> session.createDurableConsumer(topic, "mine"));
        assertThrows(JMSException.class, () -> session.createBrowser(ORDERS));
        assertThrows(JMSException.class, session::createTemporaryQueue);
        MessageProducer producer = session.createProducer(ORDERS);
        JMSException refused = assertThrows(JMSException.class, () -> producer.setDeliveryDelay(1));
        assertTrue(refused.getMessage().contains("DELIVERY_DELAY"), refused.getMessage());
    }

    @Test
    void theClientIdIsSetFirstOrNotAtAll() throws Exception {
        // Jakarta Messaging 3.1, section 6.1.2.
        connection.setClientID("me");
        assertEquals("me", connection.getClientID());
        assertThrows(IllegalStateException.class, () -> connection.setClientID("you"));
        try (Connection used = new MillraceConnectionFactory(peer.url()).createConnection()) {
            used.start();
            assertThrows(IllegalStateException.class, () -> used.setClientID("late"));
        }
    }
}
