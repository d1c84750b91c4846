// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.MessageDriven;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;

/** Ships what is paid. */
@MessageDriven(
        name = "ShippingBean",
        activationConfig =
                @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = OrderService.SHIPMENTS))
public class ShippingBean implements MessageListener {
    @EJB
    private Orders orders;

    @EJB
    private OrderService service;

    @Override
    public void onMessage(Message message) {
        Order order = Order.of(message);
        orders.shipped(order);
        service.publish(order, "shipped");
    }
}
