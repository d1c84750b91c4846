// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.Pull;
import io.millrace.protocol.message.RecoverSession;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.message.Subscribe;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.message.ProduceRequestData;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a resuming client says on the wire, where a real broker cannot be made to lose just one answer. */
@Timeout(60)
class ResumeWireTest {
    private static final MillraceQueue ORDERS = new MillraceQueue("orders");
    private static final short NOT_LEADER = 6;

    private ScriptedPeer peer;
    private Connection connection;

    @BeforeEach
    void connect() throws Exception {
        peer = new ScriptedPeer();
        connection = new MillraceConnectionFactory(peer.url() + "?requestTimeoutMs=10000").createConnection();
    }

    @AfterEach
    void close() throws Exception {
        connection.close();
        peer.close();
    }

    private CompletableFuture<String> send() throws JMSException {
        Session session = connection.createSession();
        return CompletableFuture.supplyAsync(() -> {
            try {
                session.createProducer(ORDERS).send(session.createTextMessage("a"));
                return "sent";
            } catch (JMSException e) {
                return e.toString();
            }
        });
    }

    private record Sequence(long producerId, int first) {}

    private Sequence nextProduce() throws InterruptedException {
        ProduceRequestData produce = peer.next(ProduceRequestData.class);
        ByteBuf batch = ProduceRecords.buffer(
                produce.topicData().iterator().next().partitionData().get(0));
        int at = batch.readerIndex();
        return new Sequence(batch.getLong(at + BatchHeader.PRODUCER_ID), batch.getInt(at + BatchHeader.BASE_SEQUENCE));
    }

    @Test
    void aSendWhoseAnswerIsLostGoesOutAgainUnderItsSequence() throws Exception {
        peer.withholdProduceAnswers(true);
        CompletableFuture<String> sending = send();
        Sequence first = nextProduce();
        peer.withholdProduceAnswers(false);

        peer.cutConnections();

        assertEquals("sent", sending.get(20, TimeUnit.SECONDS));
        assertEquals(first, nextProduce());
    }

    @Test
    void aSendToAPartitionThatIsNotServedJustNowGoesOutAgainUnderItsSequence() throws Exception {
        peer.refuseProduce(NOT_LEADER);
        CompletableFuture<String> sending = send();
        Sequence first = nextProduce();

        peer.refuseProduce((short) 0);

        assertEquals("sent", sending.get(20, TimeUnit.SECONDS));
        assertEquals(first, nextProduce());
    }

    @Test
    void aConsumerSubscribesAgainInTheSameNameAndANewEpoch() throws Exception {
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(ORDERS);
        connection.start();
        assertEquals(0, peer.next(Pull.class).sessionEpoch());
        Connect first = peer.next(Connect.class);
        Subscribe subscribed = peer.next(Subscribe.class);

        peer.cutConnections();

        assertEquals(first.clientIncarnation(), peer.next(Connect.class).clientIncarnation());
        assertEquals(subscribed, peer.next(Subscribe.class));
        assertEquals(1, peer.next(RecoverSession.class).sessionEpoch());
        peer.deliver(11, 0, 5, "a");
        assertEquals("a", consumer.receive().getBody(String.class));
    }

    @Test
    void aConsumerThatTheBrokerRefusesAfterwardsFailsByItself() throws Exception {
        Session session = connection.createSession();
        MessageConsumer refused = session.createConsumer(ORDERS);
        Session other = connection.createSession();
        MessageConsumer granted = other.createConsumer(new MillraceQueue("others"));
        connection.start();
        peer.when(
                Subscribe.class,
                subscribe -> subscribe.destination().equals("orders")
                        ? new PlainResponse(Status.of(ErrorCode.INVALID_DESTINATION, "it is gone"))
                        : PlainResponse.OK);
        peer.next(Pull.class);
        peer.next(Pull.class);

        peer.cutConnections();

        assertThrows(InvalidDestinationException.class, refused::receive);
        peer.deliver(11, 0, 5, "a");
        assertEquals("a", granted.receive().getBody(String.class));
    }

    @Test
    void aBrokerThatIsNotReadyIsAskedAgain() throws Exception {
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(ORDERS);
        connection.start();
        AtomicInteger asked = new AtomicInteger();
        peer.when(
                Subscribe.class,
                subscribe -> asked.incrementAndGet() < 3
                        ? new PlainResponse(Status.of(ErrorCode.UNAVAILABLE, "recovering"))
                        : PlainResponse.OK);
        peer.next(Pull.class);

        peer.cutConnections();

        peer.deliver(11, 0, 5, "a");
        assertEquals("a", consumer.receive().getBody(String.class));
        assertTrue(asked.get() >= 3);
    }

    @Test
    void wrongCredentialsEndTheResumptionAtOnce() throws Exception {
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(ORDERS);
        connection.start();
        peer.when(
                Connect.class,
                connect -> new Connect.Response(
                        Status.of(ErrorCode.NOT_AUTHENTICATED, "who are you"),
                        -1,
                        connect.clientIncarnation(),
                        0,
                        0,
                        java.util.Set.of()));

        peer.cutConnections();

        JMSException lost = assertThrows(jakarta.jms.JMSSecurityException.class, consumer::receive);
        assertTrue(lost.getMessage().contains("who are you"), lost.getMessage());
    }
}
