// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import jakarta.annotation.Resource;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.Session;

/** Sends one message a call over a connection of the pool, as a bean does. */
@Stateless
public class Sender {
    @Resource(lookup = "java:/jms/cf")
    private ConnectionFactory factory;

    @Resource(lookup = "java:/jms/sent")
    private Queue queue;

    /** In a transaction of the container, in which it is the only resource. */
    @TransactionAttribute(TransactionAttributeType.REQUIRES_NEW)
    public void inTransaction(byte[] body) throws JMSException {
        send(body);
    }

    /** Without a transaction. */
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void plainly(byte[] body) throws JMSException {
        send(body);
    }

    private void send(byte[] body) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(body);
            session.createProducer(queue).send(message);
        }
    }
}
