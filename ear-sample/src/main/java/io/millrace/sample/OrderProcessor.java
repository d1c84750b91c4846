// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Topic;
import jakarta.json.Json;
import jakarta.json.JsonObject;

/**
 * Receives orders.
 *
 * <p>Pattern: at least once. The order is acknowledged after the transaction, so a crash between the two brings it again
 * (JMSRedelivered, JMSXDeliveryCount); the work is keyed by the order's id and done once. An exception rolls back and
 * brings it again too.
 */
@MessageDriven(
        name = "OrderProcessor",
        activationConfig = {
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = OrderService.ORDERS),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "4")
        })
public class OrderProcessor implements MessageListener {
    @Inject
    private Board board;

    @Inject
    @JMSConnectionFactory(OrderService.CONNECTION_FACTORY)
    private JMSContext context;

    @Resource(lookup = OrderService.ORDER_STATUS)
    private Topic status;

    @Override
    public void onMessage(Message message) {
        try {
            Order order = Order.parse(message.getBody(String.class));
            // Where the record lies in the log: any Kafka client finds it there.
            JsonObject received = Json.createObjectBuilder(order.toJson())
                    .add("partition", message.getIntProperty("JMS_Millrace_Partition"))
                    .add("offset", message.getLongProperty("JMS_Millrace_Offset"))
                    .build();
            context.createProducer().send(status, received.toString());
            board.processed(order);
        } catch (JMSException e) {
            throw new EJBException(e);
        }
    }
}
