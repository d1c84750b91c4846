// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.NotSupportedException;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The endpoints of one message-driven bean.
 *
 * @param factory the server's
 * @param method {@code MessageListener.onMessage}
 * @param transacted whether the bean's deliveries run in a transaction of the container
 */
record Endpoints(MessageEndpointFactory factory, Method method, boolean transacted) {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoints.class);

    static Endpoints of(MessageEndpointFactory factory) throws ResourceException {
        try {
            Method method = MessageListener.class.getMethod("onMessage", Message.class);
            return new Endpoints(factory, method, factory.isDeliveryTransacted(method));
        } catch (NoSuchMethodException e) {
            throw new NotSupportedException("Not a bean with jakarta.jms.MessageListener", e);
        }
    }

    /**
     * One endpoint. No XAResource goes with it: the adapter cannot prepare, and does not pretend to
     * (docs/decisions/0005).
     *
     * @throws UnavailableException while the application starts or stops, or the bean pool is exhausted
     */
    MessageEndpoint create() throws UnavailableException {
        return factory.createEndpoint(null);
    }

    /**
     * As many endpoints as the server's bean pool allows, at most {@code wanted}.
     *
     * @throws UnavailableException when there is not even one
     */
    List<MessageEndpoint> create(int wanted) throws UnavailableException {
        List<MessageEndpoint> created = new ArrayList<>();
        try {
            while (created.size() < wanted) {
                created.add(create());
            }
        } catch (UnavailableException e) {
            if (created.isEmpty()) {
                throw e;
            }
            LOG.info("The server gives {} of {} endpoints: {}", created.size(), wanted, e.getMessage());
        }
        return created;
    }
}
