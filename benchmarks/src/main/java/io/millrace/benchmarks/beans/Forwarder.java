// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.Session;

/** Sends its message on, in the transaction of the delivery. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = "java:/jms/received"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "15")
        })
public class Forwarder implements MessageListener {
    @Resource(lookup = "java:/jms/cf")
    private ConnectionFactory factory;

    @Resource(lookup = "java:/jms/sent")
    private Queue target;

    @Override
    public void onMessage(Message message) {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(target).send(message);
            Progress.onMessage();
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
