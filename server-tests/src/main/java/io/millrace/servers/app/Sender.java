// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.annotation.Resource;
import jakarta.ejb.EJBContext;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;

/** Sends in the ways an application may; each call is a JTA transaction unless it says otherwise. */
@Stateless
public class Sender {
    @Resource
    private EJBContext ejb;

    @Resource(name = "jms/cf")
    private ConnectionFactory factory;

    @Resource(name = "jms/work")
    private Queue work;

    @Resource(name = "jms/news")
    private Topic news;

    @Inject
    @JMSConnectionFactory("java:app/jms/cf")
    private JMSContext context;

    /** The names of what the server injected. */
    public String injected() throws JMSException {
        return factory.getClass().getSimpleName() + " " + work.getQueueName() + " " + news.getTopicName();
    }

    public void withConnection(String queue, String text) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(session.createQueue(queue)).send(session.createTextMessage(text));
        }
    }

    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void withoutTransaction(String queue, String text) throws JMSException {
        withConnection(queue, text);
    }

    public void withConnectionRolledBack(String queue, String text) throws JMSException {
        withConnection(queue, text);
        ejb.setRollbackOnly();
    }

    public void withContext(String queue, String text) {
        context.createProducer().setProperty("sentBy", "context").send(context.createQueue(queue), text);
    }

    public void withContextRolledBack(String queue, String text) {
        withContext(queue, text);
        ejb.setRollbackOnly();
    }

    /** Never returns: the transaction is decided, the message's branch is prepared and waits for its commit. */
    public void stalledAfterDecision(String queue, String text) throws JMSException {
        Stall.around(text, Stall.Step.FIRST_COMMIT, () -> withConnection(queue, text));
    }
}
