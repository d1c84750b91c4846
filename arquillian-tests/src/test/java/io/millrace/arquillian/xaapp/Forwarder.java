// SPDX-License-Identifier: Apache-2.0
package io.millrace.arquillian.xaapp;

import jakarta.annotation.Resource;
import jakarta.ejb.ActivationConfigProperty;
import jakarta.ejb.EJB;
import jakarta.ejb.EJBException;
import jakarta.ejb.MessageDriven;
import jakarta.ejb.MessageDrivenContext;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.sql.SQLException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.util.SplittableRandom;

/**
 * Writes each number into the ledger and forwards it, in one transaction; some deliveries, drawn from the seed in the system
 * property {@value #SEED}, are rolled back or fail at different points.
 */
@MessageDriven(
        activationConfig = {
            @ActivationConfigProperty(propertyName = "resourceAdapter", propertyValue = "millrace"),
            @ActivationConfigProperty(propertyName = "destinationLookup", propertyValue = "java:app/jms/numbers"),
            @ActivationConfigProperty(propertyName = "destinationType", propertyValue = "jakarta.jms.Queue"),
            @ActivationConfigProperty(propertyName = "maxSession", propertyValue = "8")
        })
public class Forwarder implements MessageListener {
    public static final String SEED = "millrace.test.seed";

    /** Of a thousand deliveries, in each of three ways. */
    private static final int FAILING = 20;

    @Resource
    private MessageDrivenContext ejb;

    @Resource(lookup = "java:app/jms/cf")
    private ConnectionFactory factory;

    @Resource(lookup = "java:app/jms/forwarded")
    private Queue forwarded;

    @EJB
    private Ledger ledger;

    @Override
    public void onMessage(Message message) {
        try {
            int number = Integer.parseInt(message.getBody(String.class));
            int delivery = message.getIntProperty("JMSXDeliveryCount");
            int drawn = new SplittableRandom(Long.getLong(SEED) + number * 31L + delivery).nextInt(1000);
            if (drawn < FAILING) {
                throw new IllegalStateException("drawn: before the work");
            }
            ledger.add(number, delivery);
            forward(number);
            if (drawn < 2 * FAILING) {
                throw new IllegalStateException("drawn: after the work");
            }
            if (drawn < 3 * FAILING) {
                ejb.setRollbackOnly();
            }
        } catch (SQLIntegrityConstraintViolationException twice) {
            XaProbe.DOUBLE.incrementAndGet();
            throw new EJBException(twice);
        } catch (JMSException | SQLException e) {
            throw new EJBException(e);
        }
    }

    private void forward(int number) throws JMSException {
        try (Connection connection = factory.createConnection();
                Session session = connection.createSession()) {
            session.createProducer(forwarded).send(session.createTextMessage(Integer.toString(number)));
        }
    }
}
