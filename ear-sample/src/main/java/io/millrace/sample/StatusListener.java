// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/**
 * Brings the status of orders to the page.
 *
 * <p>Pattern: durable subscription. What is published while this bean, its server or the broker is away comes afterwards. A
 * second server beside this one needs a clientId of its own.
 */
@MessageDriven(
        name = "StatusListener",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = OrderService.ORDER_STATUS),
            @ActivationConfigProperty(propertyName = "subscriptionDurability", propertyValue = "Durable"),
            @ActivationConfigProperty(propertyName = "subscriptionName", propertyValue = "page"),
            @ActivationConfigProperty(propertyName = "clientId", propertyValue = "millrace-sample")
        })
public class StatusListener implements MessageListener {
    @EJB
    private Board board;

    @Override
    public void onMessage(Message message) {
        board.show(Order.json(message));
    }
}
