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
