// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * AUTO_ACKNOWLEDGE and DUPS_OK_ACKNOWLEDGE: a message is accepted as {@code receive} returns it, or when its listener
 * returned. The accept is sent at once, in the second mode with those that follow shortly, and not waited for: a crash may
 * repeat the last messages, flagged redelivered.
 */
final class AutoMode implements SessionMode {
    private final SessionCore session;
    private final int acknowledgeMode;

    AutoMode(SessionCore session, int acknowledgeMode) {
        this.session = session;
        this.acknowledgeMode = acknowledgeMode;
    }

    @Override
    public int acknowledgeMode() {
        return acknowledgeMode;
    }

    @Override
    public void onReceived(Delivery delivery) {
        accept(delivery);
    }

    private void accept(Delivery delivery) {
        if (acknowledgeMode == Session.DUPS_OK_ACKNOWLEDGE) {
            delivery.acceptLazily();
        } else {
            delivery.settle(AckType.ACCEPT);
        }
    }

    @Override
    public boolean keepsUnwanted() {
        return true;
    }

    @Override
    public void onListenerCalled(Delivery delivery) {
        // Accepted when the listener returns.
    }

    @Override
    public void onListenerReturned(Delivery delivery) {
        session.locked(() -> {
            if (delivery.sessionEpoch() == session.epoch()) {
                accept(delivery);
            }
        });
    }

    @Override
    public void onListenerFailed(Delivery delivery) throws JMSException {
        session.locked(() -> session.backOff(delivery));
        recover();
    }

    @Override
    public void acknowledge(@Nullable Delivery of) throws JMSException {
        session.checkOpen(); // else it does nothing in this mode (section 6.2.10)
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
        Delivery current = session.inListener();
        return current == null ? List.of() : List.of(current.acknowledgement(AckType.RECEIPT));
    }
}
