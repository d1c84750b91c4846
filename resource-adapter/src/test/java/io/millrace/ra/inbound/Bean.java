// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpoint;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.lang.reflect.Method;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import javax.transaction.xa.XAResource;
import org.jspecify.annotations.Nullable;

/** A deployed bean without transactions: remembers what it has processed to the end and counts its endpoints. */
final class Bean implements MessageEndpointFactory {
    final List<String> processed = new CopyOnWriteArrayList<>();
    final AtomicInteger endpoints = new AtomicInteger();
    Class<?> endpointClass = Bean.class;
    private final Consumer<String> work;
    private volatile Refusal refusal = () -> {};

    /** Throws when the server has no endpoint. */
    interface Refusal {
        void check() throws UnavailableException;
    }

    /** @param work what a delivery does; throwing makes it fail */
    Bean(Consumer<String> work) {
        this.work = work;
    }

    void refusing(Refusal newRefusal) {
        refusal = newRefusal;
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource) throws UnavailableException {
        refusal.check();
        endpoints.incrementAndGet();
        return new Instance();
    }

    @Override
    public MessageEndpoint createEndpoint(@Nullable XAResource resource, long timeoutMs) throws UnavailableException {
        return createEndpoint(resource);
    }

    @Override
    public boolean isDeliveryTransacted(Method method) {
        return false;
    }

    @Override
    public String getActivationName() {
        return "Bean";
    }

    @Override
    public Class<?> getEndpointClass() {
        return endpointClass;
    }

    /** Blocks a delivery until the gate opens. */
    static void pass(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private final class Instance implements MessageEndpoint, MessageListener {
        @Override
        public void onMessage(Message message) {
            try {
                String text = message.getBody(String.class);
                work.accept(text);
                processed.add(text);
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public void beforeDelivery(Method method) {
            throw new AssertionError("Not transacted");
        }

        @Override
        public void afterDelivery() {
            throw new AssertionError("Not transacted");
        }

        @Override
        public void release() {
            endpoints.decrementAndGet();
        }
    }
}
