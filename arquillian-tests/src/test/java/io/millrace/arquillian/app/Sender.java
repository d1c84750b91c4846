// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.app;

import jakarta.annotation.Resource;
import jakarta.ejb.EJBContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSConnectionFactoryDefinition;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSDestinationDefinition;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;

/** Sends in the ways an application may. */
@Stateless
@JMSConnectionFactoryDefinition(
        name = Resources.CONNECTION_FACTORY,
        resourceAdapter = "millrace",
        properties = "org.glassfish.connector-connection-pool.transaction-support=LocalTransaction")
// Payara's default is XA.
@JMSConnectionFactoryDefinition(name = Resources.XA_CONNECTION_FACTORY, resourceAdapter = "millrace")
// NoTransaction: as a property Payara takes that for XATransaction.
@JMSConnectionFactoryDefinition(
        name = Resources.UNENLISTED_CONNECTION_FACTORY,
        resourceAdapter = "millrace",
        transactional = false)
@JMSDestinationDefinition(
        name = Resources.QUEUE,
        interfaceName = "jakarta.jms.Queue",
        resourceAdapter = "millrace",
        destinationName = "work")
public class Sender {
    @Resource
    private EJBContext ejb;

    @Resource(lookup = Resources.CONNECTION_FACTORY)
    private ConnectionFactory factory;

    @Resource(lookup = Resources.QUEUE)
    private Queue queue;

    @Inject
    @JMSConnectionFactory(Resources.CONNECTION_FACTORY)
    private JMSContext context;

    @Inject
    @JMSConnectionFactory(Resources.XA_CONNECTION_FACTORY)
    private JMSContext xa;

    @Resource(lookup = Resources.UNENLISTED_CONNECTION_FACTORY)
    private ConnectionFactory unenlisted;

    @Inject
    @JMSConnectionFactory(Resources.UNENLISTED_CONNECTION_FACTORY)
    private JMSContext unenlistedContext;

    public void withConnection(String text) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(queue).send(session.createTextMessage(text));
        }
    }

    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void withoutTransaction(String text) throws JMSException {
        withConnection(text);
    }

    public void withContext(String text) {
        context.createProducer().setProperty("sentBy", "context").send(queue, text);
    }

    /** Two resources in one transaction: it is distributed. */
    public void withBoth(String text) throws JMSException {
        withConnection(text + "/local");
        xa.createProducer().send(queue, text + "/xa");
    }

    public void withBothRolledBack(String text) throws JMSException {
        withBoth(text);
        ejb.setRollbackOnly();
    }

    public void publish(String text) {
        xa.createProducer().setProperty("region", text.split(":", 2)[0]).send(xa.createTopic("news"), text);
    }

    public void rolledBack(String text) throws JMSException {
        withConnection(text);
        ejb.setRollbackOnly();
    }

    /** Sends, receives that and sends again, none of it in the transaction that is rolled back. */
    public String unenlistedRolledBack(String text) throws JMSException {
        try (Connection connection = unenlisted.createConnection();
                Session session = connection.createSession()) {
            connection.start();
            Queue own = session.createQueue("unenlisted");
            session.createProducer(own).send(session.createTextMessage(text));
            var message = session.createConsumer(own).receive(5_000);
            session.createProducer(queue).send(session.createTextMessage(text));
            ejb.setRollbackOnly();
            return message == null ? "" : message.getBody(String.class);
        }
    }

    /** One of the two is in the transaction that is rolled back. */
    public void unenlistedContextBesideRolledBack(String text) throws JMSException {
        withConnection(text + "/enlisted");
        unenlistedContext.createProducer().send(queue, text + "/unenlisted");
        ejb.setRollbackOnly();
    }

    /** The server cannot make the first one's local transaction part of a distributed one, and forgets it. */
    public void withBothTooLate(String text) throws JMSException {
        ejb.setRollbackOnly();
        withBoth(text);
    }

    /** What a container must refuse to an application. */
    public String setListener() throws JMSException {
        try (Connection connection = factory.createConnection()) {
            Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue("other"));
            consumer.setMessageListener(message -> {});
            return "allowed";
        } catch (jakarta.jms.IllegalStateException refused) {
            return "refused";
        }
    }

    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public String receive(String name, long timeoutMs) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            connection.start();
            var message = session.createConsumer(session.createQueue(name)).receive(timeoutMs);
            return message == null ? "" : message.getBody(String.class);
        }
    }

    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void sendTo(String name, String text) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(session.createQueue(name)).send(session.createTextMessage(text));
        }
    }
}
