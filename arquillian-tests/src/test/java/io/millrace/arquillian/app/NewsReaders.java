// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.app;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** The ways to subscribe to the topic {@code news}; each reader records what it saw as {@code <its name>/<text>}. */
abstract class NewsReaders implements MessageListener {
    private final String name;

    private NewsReaders(String name) {
        this.name = name;
    }

    @Override
    public void onMessage(Message message) {
        try {
            String text = name + "/" + message.getBody(String.class);
            Seen.record(text, message.getIntProperty("JMSXDeliveryCount"), message.getJMSRedelivered());
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Gets what is published while it is deployed. */
    @MessageDriven(
            activationConfig = {
                @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "millrace"),
                @ActivationConfigProperty(propertyName = "destination", propertyValue = "news"),
                @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
                @ActivationConfigProperty(propertyName = "messageSelector", propertyValue = "region = 'south'")
            })
    public static class Live extends NewsReaders {
        public Live() {
            super("live");
        }
    }

    /** Gets what is published while it is away, too. */
    @MessageDriven(
            activationConfig = {
                @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "millrace"),
                @ActivationConfigProperty(propertyName = "destination", propertyValue = "news"),
                @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
                @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
                @ActivationConfigProperty(propertyName = "clientId", propertyValue = "newsroom"),
                @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "archive")
            })
    public static class Durable extends NewsReaders {
        public Durable() {
            super("durable");
        }
    }

    /** Two beans, one subscription: each message comes to one of them. */
    @MessageDriven(
            activationConfig = {
                @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "millrace"),
                @ActivationConfigProperty(propertyName = "destination", propertyValue = "news"),
                @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
                @ActivationConfigProperty(propertyName = "shareSubscriptions", propertyValue = "true"),
                @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "editors")
            })
    public static class FirstEditor extends NewsReaders {
        public FirstEditor() {
            super("editor");
        }
    }

    /** See {@link FirstEditor}. */
    @MessageDriven(
            activationConfig = {
                @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "millrace"),
                @ActivationConfigProperty(propertyName = "destination", propertyValue = "news"),
                @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic"),
                @ActivationConfigProperty(propertyName = "shareSubscriptions", propertyValue = "true"),
                @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "editors")
            })
    public static class SecondEditor extends NewsReaders {
        public SecondEditor() {
            super("editor");
        }
    }
}
