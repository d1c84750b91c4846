// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * CLIENT_ACKNOWLEDGE: {@code Message.acknowledge()} accepts everything the session has received and returns once that is
 * durable.
 */
final class ClientMode implements SessionMode {
    private final SessionCore session;
    private final Unsettled unsettled = new Unsettled();

    ClientMode(SessionCore session) {
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
        // The next message is delivered; the client settles this one (section 8.7).
    }

    @Override
    public void acknowledge() throws JMSException {
        session.checkOpen();
        List<CompletableFuture<?>> answers = new ArrayList<>();
        session.locked(() -> {
            for (Map.Entry<SessionLink, List<Acknowledgement>> settled :
                    unsettled.settle(AckType.ACCEPT).entrySet()) {
                settled.getKey().take();
                answers.add(settled.getKey()
                        .link()
                        .request(new Acknowledge(session.id(), settled.getValue()), Acknowledge.Response.class));
            }
        });
        for (CompletableFuture<?> answer : answers) {
            JmsErrors.await(answer, "Acknowledging");
        }
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
