// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.MessageDrivenContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Receives {@code <action>:<times>:<id>}: throws or rolls back at the first deliveries, then accepts. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "3")
        })
public class Worker implements MessageListener {
    @Resource
    private MessageDrivenContext ejb;

    @Override
    public void onMessage(Message message) {
        try {
            String text = message.getBody(String.class);
            int delivery = message.getIntProperty("JMSXDeliveryCount");
            Seen.record(text, delivery, message.getJMSRedelivered());
            String[] order = text.split(":", 3);
            if (delivery <= Integer.parseInt(order[1])) {
                if (order[0].equals("throw")) {
                    throw new IllegalStateException("as ordered by " + text);
                }
                ejb.setRollbackOnly();
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
