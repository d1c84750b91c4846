// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.beans;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Reads its message without a transaction. */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = "java:/jms/received"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "15")
        })
public class PlainReceiver implements MessageListener {
    @Override
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public void onMessage(Message message) {
        try {
            if (message.getBody(byte[].class).length > 0) {
                Progress.onMessage();
            }
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
