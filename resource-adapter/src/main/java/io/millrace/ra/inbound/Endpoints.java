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
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of one message-driven bean.
 *
 * @param factory the server's
 * @param method {@code MessageListener.onMessage}
 * @param transacted whether the bean's deliveries run in a transaction of the container
 */
record Endpoints(MessageEndpointFactory factory, Method method, boolean transacted) {
    static Endpoints of(MessageEndpointFactory factory) throws ResourceException {
        try {
            Method method = MessageListener.class.getMethod("onMessage", Message.class);
            return new Endpoints(factory, method, factory.isDeliveryTransacted(method));
        } catch (NoSuchMethodException e) {
            throw new NotSupportedException("Not a bean with jakarta.jms.MessageListener", e);
        }
    }

    /** What the server calls the bean's deployment. */
    String name() {
        String name = factory.getActivationName();
        return name == null ? "unnamed" : name;
    }

    /**
     * One endpoint.
     *
     * @param resource takes part in the transactions of its deliveries; {@code null} for a bean without
     * @throws UnavailableException while the application starts or stops, or the bean pool is exhausted
     */
    MessageEndpoint create(@Nullable XAResource resource) throws UnavailableException {
        return factory.createEndpoint(resource);
    }
}
