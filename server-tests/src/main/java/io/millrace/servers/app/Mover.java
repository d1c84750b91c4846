// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Session;

/**
 * Sends what it receives on to the queue {@code moved}, in the transaction of the delivery. At the first delivery of a text
 * with {@code stall:} that transaction hangs while it is prepared, and stays undecided.
 */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "3")
        })
public class Mover implements MessageListener {
    @Resource(name = "jms/cf")
    private ConnectionFactory factory;

    @Override
    public void onMessage(Message message) {
        try {
            String text = message.getBody(String.class);
            if (text.startsWith("stall:") && !Stall.isReached(text)) {
                Stall.around(text, Stall.Step.LAST_PREPARE, () -> sendOn(text));
            } else {
                sendOn(text);
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    private void sendOn(String text) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(session.createQueue("moved")).send(session.createTextMessage(text));
        }
    }
}
