// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** A durable subscription that outlives the application's undeployment. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "clientId", propertyValue = "news-desk"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "all-news")
        })
public class Subscriber implements MessageListener {
    @Override
    public void onMessage(Message message) {
        try {
            Seen.record(
                    message.getBody(String.class),
                    message.getIntProperty("JMSXDeliveryCount"),
                    message.getJMSRedelivered());
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
