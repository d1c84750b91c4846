// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * AUTO_ACKNOWLEDGE and DUPS_OK_ACKNOWLEDGE: a message is accepted as {@code receive} returns it, or when its listener
 * returned. The accept is sent at once, in the second mode with those that follow shortly, and not waited for: a crash
 * may repeat the last messages, flagged redelivered. With {@code awaitAcknowledgements} the first mode waits until it is
 * durable: a crash may repeat the last message only (Jakarta Messaging 3.1, section 6.2.11).
 */
final class AutoMode implements SessionMode {
    private static final Logger log = LoggerFactory.getLogger(AutoMode.class);

    private final SessionCore session;
    private final int acknowledgeMode;
    /** What the session's thread has to wait for. Guarded by the session's lock. */
    private @Nullable CompletableFuture<?> accepting;

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
        } else if (session.options().awaitAcknowledgements()) {
            accepting = delivery.acceptDurably();
        } else {
            delivery.settle(AckType.ACCEPT);
        }
    }

    /** Of a message whose accept has no answer it is not known whether it comes again: it is given out all the same. */
    @Override
    public void awaitReceived() {
        CompletableFuture<?> answer = session.lockedGet(() -> {
            CompletableFuture<?> last = accepting;
            accepting = null;
            return last;
        });
        if (answer == null) {
            return;
        }
        try {
            JmsErrors.await(answer, "Acknowledging");
        } catch (JMSException e) {
            log.debug("The last message may come again, flagged redelivered: {}", e.getMessage());
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
        awaitReceived();
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
    public void recover() throws JMSException {
        session.recover();
    }

    @Override
    public List<Acknowledgement> onRecover() {
        Delivery current = session.inListener();
        return current == null ? List.of() : List.of(current.acknowledgement(AckType.RECEIPT));
    }
}
