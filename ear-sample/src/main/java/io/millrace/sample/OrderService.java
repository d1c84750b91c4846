// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.Resource;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSConnectionFactoryDefinition;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSDestinationDefinition;
import jakarta.jms.Queue;

/**
 * Sends orders.
 *
 * <p>Pattern: the application brings its own JMS resources. The annotations define them for any server that has the
 * adapter {@code millrace}; nothing is configured in the server. The broker's address is the adapter's
 * ({@code -Dmillrace.url=...} or the environment variable {@code MILLRACE_URL}).
 */
@Stateless
@JMSConnectionFactoryDefinition(
        name = OrderService.CONNECTION_FACTORY,
        interfaceName = "jakarta.jms.ConnectionFactory",
        resourceAdapter = "millrace",
        // Payara and GlassFish ask for XA unless told otherwise.
        properties = "org.glassfish.connector-connection-pool.transaction-support=LocalTransaction")
@JMSDestinationDefinition(
        name = OrderService.ORDERS,
        interfaceName = "jakarta.jms.Queue",
        resourceAdapter = "millrace",
        destinationName = "orders")
@JMSDestinationDefinition(
        name = OrderService.ORDER_STATUS,
        interfaceName = "jakarta.jms.Topic",
        resourceAdapter = "millrace",
        destinationName = "order-status")
public class OrderService {
    static final String CONNECTION_FACTORY = "java:app/jms/connectionFactory";
    static final String ORDERS = "java:app/jms/orders";
    static final String ORDER_STATUS = "java:app/jms/orderStatus";

    @Inject
    @JMSConnectionFactory(CONNECTION_FACTORY)
    private JMSContext context;

    @Resource(lookup = ORDERS)
    private Queue orders;

    /**
     * Pattern: the container's transaction. The message is sent when this method has returned and the transaction is
     * committed; the caller sees an exception if it could not be.
     */
    public void place(Order order) {
        context.createProducer().send(orders, order.toJson().toString());
    }
}
