// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.inject.Inject;
import jakarta.jms.JMSConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.util.Map;

/** Answers questions for prices, to wherever the question says. No transaction: who gets no answer asks again. */
@MessageDriven(
        name = "PriceDesk",
        activationConfig =
                @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = OrderService.PRICES))
@TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
public class PriceDesk implements MessageListener {
    /** The shop's list, in cents; what is not on it has no price yet. */
    private static final Map<String, Integer> PRICES = Map.of("Flour", 120, "Hops", 480, "Malt", 260);

    @Inject
    @JMSConnectionFactory(OrderService.CONNECTION_FACTORY)
    private JMSContext context;

    @Override
    public void onMessage(Message question) {
        try {
            int price = PRICES.getOrDefault(question.getBody(String.class), 0);
            context.createProducer()
                    .setJMSCorrelationID(question.getJMSMessageID())
                    .send(question.getJMSReplyTo(), Integer.toString(price));
        } catch (JMSException e) {
            throw new EJBException(e);
        }
    }
}
