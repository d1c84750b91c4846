// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.Resource;
import jakarta.ejb.EJB;
import jakarta.ejb.Stateless;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.Topic;

/** Takes orders and tells how they get on. The names are defined in {@code glassfish-resources.xml}. */
@Stateless
public class OrderService {
    static final String CONNECTION_FACTORY = "java:app/jms/connectionFactory";
    static final String PAYMENTS = "java:app/jms/payments";
    static final String SHIPMENTS = "java:app/jms/shipments";
    static final String PRICES = "java:app/jms/prices";
    static final String ORDER_STATUS = "java:app/jms/orderStatus";

    @Inject
    @JMSConnectionFactory(CONNECTION_FACTORY)
    private JMSContext context;

    @Resource(lookup = PAYMENTS)
    private Queue payments;

    @Resource(lookup = ORDER_STATUS)
    private Topic status;

    @EJB
    private Orders orders;

    /**
     * Pattern: the container's transaction. Row and messages exist once this method has returned and its transaction is
     * committed; the caller sees an exception if that could not be.
     */
    public void place(Order order) {
        if (orders.add(order)) {
            context.createProducer().send(payments, order.toJson("placed").toString());
            publish(order, "placed");
        }
    }

    /** Pattern: publish and subscribe. Whoever cares listens, here or with a Kafka client; nobody is waited for. */
    public void publish(Order order, String state) {
        context.createProducer().send(status, order.toJson(state).toString());
    }
}
