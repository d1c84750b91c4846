// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.json.Json;
import java.io.StringReader;

/**
 * Shows what was received.
 *
 * <p>Pattern: publish and subscribe. Each server's bean gets every status while it is deployed; a missed one costs a line
 * on the page, no order.
 */
@MessageDriven(
        name = "StatusListener",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = OrderService.ORDER_STATUS),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Topic")
        })
public class StatusListener implements MessageListener {
    @Inject
    private Board board;

    @Override
    public void onMessage(Message message) {
        try (var reader = Json.createReader(new StringReader(message.getBody(String.class)))) {
            board.received(reader.readObject());
        } catch (JMSException e) {
            throw new EJBException(e);
        }
    }
}
