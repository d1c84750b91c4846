// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;

/** CLIENT_ACKNOWLEDGE: what the session has received stays unsettled until it is acknowledged (section 6.2.10). */
abstract sealed class ClientAcknowledgement implements SessionMode permits ClientMode, UnawaitedMode {
    final SessionCore session;
    /** Guarded by the session's lock. */
    final Unsettled unsettled = new Unsettled();

    ClientAcknowledgement(SessionCore session) {
        this.session = session;
    }

    @Override
    public final int acknowledgeMode() {
        return Session.CLIENT_ACKNOWLEDGE;
    }

    @Override
    public final void onReceived(Delivery delivery) {
        unsettled.add(delivery);
    }

    @Override
    public final void onListenerCalled(Delivery delivery) {
        unsettled.add(delivery);
    }

    @Override
    public final void onListenerReturned(Delivery delivery) {
        // Stays unsettled until it is acknowledged.
    }

    @Override
    public final void onListenerFailed(Delivery delivery) {
        // The next message is delivered; the client settles this one (section 8.7).
    }

    @Override
    public void onOutage() {
        unsettled.clear();
    }

    @Override
    public final void recover() throws JMSException {
        session.recover();
    }

    @Override
    public final List<Acknowledgement> onRecover() {
        unsettled.clear();
        return List.of();
    }
}
