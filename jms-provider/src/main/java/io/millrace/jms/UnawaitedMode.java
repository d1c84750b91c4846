// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT_ACKNOWLEDGE as a resource adapter wants it: {@code Message.acknowledge()} accepts everything the session has received
 * and does not wait for the broker, see {@link ListenerBuffers#acknowledgeWithoutWaiting}.
 */
final class UnawaitedMode implements SessionMode {
    private final SessionCore session;
    private final Unsettled unsettled = new Unsettled();

    UnawaitedMode(SessionCore session) {
        this.session = session;
    }

    @Override
    public int acknowledgeMode() {
        return Session.CLIENT_ACKNOWLEDGE;
    }

    @Override
    public void onReceived(Delivery delivery) {
        unsettled.add(delivery);
    }

    @Override
    public void onListenerCalled(Delivery delivery) {
        unsettled.add(delivery);
    }

    @Override
    public void onListenerReturned(Delivery delivery) {
        // Stays unsettled until it is acknowledged.
    }

    @Override
    public void onListenerFailed(Delivery delivery) {
        // The adapter settles it.
    }

    @Override
    public void acknowledge(@Nullable Delivery of) throws JMSException {
        session.checkOpen();
        session.locked(unsettled::acceptSoon);
    }

    @Override
    public void onOutage() {
        unsettled.clear();
    }

    @Override
    public CompletableFuture<?> send(Outgoing outgoing) {
        return outgoing.link().send(outgoing.topic(), outgoing.partition(), outgoing.record());
    }

    @Override
    public void recover() throws JMSException {
        session.recover();
    }

    @Override
    public List<Acknowledgement> onRecover() {
        unsettled.clear();
        return List.of();
    }
}
