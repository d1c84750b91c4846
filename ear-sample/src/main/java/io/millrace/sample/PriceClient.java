// SPDX-License-Identifier: Apache-2.0
package io.millrace.sample;

import jakarta.annotation.Resource;
import jakarta.ejb.Stateless;
import jakarta.ejb.TransactionAttribute;
import jakarta.ejb.TransactionAttributeType;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;
import java.util.Optional;

/** Asks for prices. */
@Stateless
public class PriceClient {
    private static final long PATIENCE_MS = 5_000;

    @Resource(lookup = OrderService.CONNECTION_FACTORY)
    private ConnectionFactory factory;

    @Resource(lookup = OrderService.PRICES)
    private Queue prices;

    /**
     * Pattern: request and reply over a temporary queue, which ends with the context. Not in a transaction: the question would
     * leave with its commit, so the answer could never come before. The question expires when nobody waits any more.
     *
     * @return in cents, 0 for none; empty when there was no answer in time
     */
    @TransactionAttribute(TransactionAttributeType.NOT_SUPPORTED)
    public Optional<Integer> ask(String item) {
        try (JMSContext context = factory.createContext()) {
            TemporaryQueue answers = context.createTemporaryQueue();
            context.createProducer()
                    .setTimeToLive(PATIENCE_MS)
                    .setJMSReplyTo(answers)
                    .send(prices, item);
            return Optional.ofNullable(context.createConsumer(answers).receiveBody(String.class, PATIENCE_MS))
                    .map(Integer::valueOf);
        }
    }
}
