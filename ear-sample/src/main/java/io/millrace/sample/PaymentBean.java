// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;

/**
 * Takes the payment and passes the order on.
 *
 * <p>Pattern: receive, write and send in one transaction. An exception rolls all of it back and the message comes again; after
 * ten times it goes to the queue {@code DLQ} ({@code ./millrace queues --help}).
 */
@MessageDriven(
        name = "PaymentBean",
        activationConfig =
                @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = OrderService.PAYMENTS))
public class PaymentBean implements MessageListener {
    @EJB
    private Orders orders;

    @EJB
    private OrderService service;

    @Inject
    @JMSConnectionFactory(OrderService.CONNECTION_FACTORY)
    private JMSContext context;

    @Resource(lookup = OrderService.SHIPMENTS)
    private Queue shipments;

    @Override
    public void onMessage(Message message) {
        Order order = Order.of(message);
        orders.paid(order);
        context.createProducer().send(shipments, order.toJson("paid").toString());
        service.publish(order, "paid");
    }
}
