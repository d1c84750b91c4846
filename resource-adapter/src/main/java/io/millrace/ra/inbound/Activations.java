// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import jakarta.resource.ResourceException;
import jakarta.resource.spi.ActivationSpec;
import jakarta.resource.spi.BootstrapContext;
import jakarta.resource.spi.ResourceAdapterInternalException;
import jakarta.resource.spi.UnavailableException;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/** The message-driven beans deployed on this adapter. Safe for any number of threads. */
public final class Activations {
    private final Container container;
    private final Map<Key, Activation> active = new ConcurrentHashMap<>();

    /** A server may deploy several beans with equal specs: each has a factory of its own. */
    private record Key(MessageEndpointFactory factory, ActivationSpec spec) {
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key key && key.factory == factory && key.spec == spec;
        }

        @Override
        public int hashCode() {
            return 31 * System.identityHashCode(factory) + System.identityHashCode(spec);
        }
    }

    /** @param commitWaitMs see {@link AwayBroker#commitWaitMs} */
    public Activations(BootstrapContext context, int commitWaitMs) throws ResourceAdapterInternalException {
        this(context, System::nanoTime, commitWaitMs);
    }

    /**
     * @param nanos the clock that durations are measured by
     * @param commitWaitMs see {@link AwayBroker#commitWaitMs}
     */
    Activations(BootstrapContext context, LongSupplier nanos, int commitWaitMs)
            throws ResourceAdapterInternalException {
        try {
            this.container = new Container(context, nanos, commitWaitMs);
        } catch (UnavailableException e) {
            throw new ResourceAdapterInternalException("The server has no timer: " + e.getMessage(), e);
        }
    }

    /**
     * Starts delivering to a bean; connects in the background.
     *
     * @throws ResourceException when the spec is wrong or asks for what the broker cannot do in this version
     */
    public void activate(MessageEndpointFactory factory, MillraceActivationSpec spec, BrokerSettings adapter)
            throws ResourceException {
        BeanAnnotation.check(factory.getEndpointClass());
        Activation activation = new Activation(container, Endpoints.of(factory), Subscription.of(spec, adapter));
        active.put(new Key(factory, spec), activation);
        activation.start();
    }

    /** Ends a bean's deliveries; waits for the running ones. */
    public void deactivate(MessageEndpointFactory factory, ActivationSpec spec) {
        Activation activation = active.remove(new Key(factory, spec));
        if (activation != null) {
            activation.stop();
        }
    }

    /** Rolls a branch back in the background, once its broker is reached. */
    public void rollBackLater(BrokerSettings broker, Xid xid) {
        container.rollBackLater(broker, xid);
    }

    /** Where the broker of an activation is. */
    public static BrokerSettings settings(MillraceActivationSpec spec, BrokerSettings adapter)
            throws ResourceException {
        return Subscription.settings(spec, adapter);
    }

    /** Ends all. */
    public void close() {
        active.values().forEach(Activation::stop);
        active.clear();
        container.close();
    }
}
