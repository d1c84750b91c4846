// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The optional JMSX properties that the provider sets (Jakarta Messaging 3.1, section 3.5.9, table 3-3). */
@Timeout(60)
class StampsTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private static final long PATIENCE_MS = 20_000;

    private static List<?> supported(Connection connection) throws JMSException {
        Enumeration<?> names = connection.getMetaData().getJMSXPropertyNames();
        return Collections.list(names);
    }

    private static Message sentAndReceived(Connection connection, Message message, TestInfo test) throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue(
                "stamps-" + test.getTestMethod().orElseThrow().getName());
        session.createProducer(queue).send(message);
        connection.start();
        MessageConsumer consumer = session.createConsumer(queue, "JMSXAppID = 'billing' OR JMSXAppID IS NULL");
        return consumer.receive(PATIENCE_MS);
    }

    @Test
    void userAndApplicationAreSetOnSendWhenTheFactorySaysSo(TestInfo test) throws Exception {
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(MILLRACE.broker().url());
        factory.setPopulateJMSXUserID(true);
        factory.setAppId("billing");
        try (Connection connection = factory.createConnection("ann", "secret")) {
            Message sent = connection.createSession().createMessage();

            Message received = sentAndReceived(connection, sent, test);

            for (Message either : List.of(sent, received)) {
                assertEquals("ann", either.getStringProperty("JMSXUserID"));
                assertEquals("billing", either.getStringProperty("JMSXAppID"));
            }
            assertTrue(supported(connection).containsAll(List.of("JMSXUserID", "JMSXAppID")));
        }
    }

    @Test
    void messagesOfAnotherProviderShowThemToo(TestInfo test) throws Exception {
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(MILLRACE.broker().url() + "?appId=billing");
        try (Connection connection = factory.createConnection()) {
            Message sent = ForeignMessages.text("a");

            Message received = sentAndReceived(connection, sent, test);

            assertEquals("billing", sent.getStringProperty("JMSXAppID"));
            assertEquals("billing", received.getStringProperty("JMSXAppID"));
        }
    }

    @Test
    void theyAreNotSetUnlessAskedFor(TestInfo test) throws Exception {
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(MILLRACE.broker().url());
        try (Connection connection = factory.createConnection("ann", "secret")) {
            Message received =
                    sentAndReceived(connection, connection.createSession().createMessage(), test);

            assertFalse(received.propertyExists("JMSXUserID"));
            assertFalse(received.propertyExists("JMSXAppID"));
            assertEquals(
                    List.of("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount", "JMSXRcvTimestamp"),
                    supported(connection));
        }
    }

    @Test
    void theTimeOfReceiptIsOfTheReceiverOnly(TestInfo test) throws Exception {
        MillraceConnectionFactory factory =
                new MillraceConnectionFactory(MILLRACE.broker().url());
        try (Connection connection = factory.createConnection()) {
            Message sent = connection.createSession().createMessage();

            Message received = sentAndReceived(connection, sent, test);

            assertFalse(sent.propertyExists("JMSXRcvTimestamp"));
            assertTrue(received.getLongProperty("JMSXRcvTimestamp") >= sent.getJMSTimestamp());
        }
    }

    @Test
    void theOptionIsTrueOrFalse() {
        assertThrows(
                JMSException.class,
                () -> new MillraceConnectionFactory(MILLRACE.broker().url() + "?populateJMSXUserID=yes")
                        .createConnection());
    }
}
