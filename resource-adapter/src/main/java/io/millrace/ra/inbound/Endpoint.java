// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bean behind one session. Called by one thread of the container at a time. After anything thrown the server's
 * endpoint is given back and a new one made: its state is not known any more.
 */
final class Endpoint {
    private static final Logger LOG = LoggerFactory.getLogger(Endpoint.class);

    private final Endpoints endpoints;
    private final @Nullable DeliveryResource resource;
    private @Nullable MessageEndpoint current;

    /** @param resource for a bean whose deliveries run in a transaction of the container */
    private Endpoint(Endpoints endpoints, @Nullable DeliveryResource resource, MessageEndpoint first) {
        this.endpoints = endpoints;
        this.resource = resource;
        this.current = first;
    }

    /** @throws UnavailableException when the server gives none */
    static Endpoint open(Endpoints endpoints, @Nullable DeliveryResource resource) throws UnavailableException {
        return new Endpoint(endpoints, resource, endpoints.create(resource));
    }

    /** Any {@code Throwable} is a failed delivery, errors too: the message must not be lost with them. */
    synchronized Outcome deliver(Message message) {
        MessageEndpoint endpoint = current;
        if (endpoint == null) {
            try {
                endpoint = endpoints.create(resource);
                current = endpoint;
            } catch (UnavailableException e) {
                LOG.debug("No endpoint: {}", e.getMessage());
                return new Outcome.Unavailable();
            }
        }
        try {
            return resource != null ? inTransaction(endpoint, resource, message) : plain(endpoint, message);
        } catch (Throwable thrown) {
            release();
            return new Outcome.Failed(describe(thrown));
        }
    }

    private static Outcome plain(MessageEndpoint endpoint, Message message) {
        ((MessageListener) endpoint).onMessage(message);
        return new Outcome.Processed();
    }

    /** The container's transaction decides: committed means processed, everything else means again. */
    private Outcome inTransaction(MessageEndpoint endpoint, DeliveryResource transaction, Message message)
            throws Exception {
        transaction.begin();
        endpoint.beforeDelivery(endpoints.method());
        try {
            ((MessageListener) endpoint).onMessage(message);
        } finally {
            endpoint.afterDelivery();
        }
        return transaction.isCommitted()
                ? new Outcome.Processed()
                : new Outcome.Failed("its transaction was rolled back, or is still in doubt");
    }

    private static String describe(Throwable thrown) {
        Throwable cause = thrown;
        while (cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        return cause == thrown ? thrown.toString() : thrown.getClass().getSimpleName() + " caused by " + cause;
    }

    synchronized void release() {
        MessageEndpoint endpoint = current;
        current = null;
        if (endpoint == null) {
            return;
        }
        try {
            endpoint.release();
        } catch (RuntimeException e) {
            LOG.debug("Giving an endpoint back failed: {}", e.getMessage());
        }
    }
}
