// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * SESSION_TRANSACTED: sends and accepts are held and shipped as one bundle at commit (design: client-side bundles); a
 * rollback forgets the sends and returns what was received. A commit that is refused rolls back, as does one whose
 * received messages an outage has taken back; of one whose outcome cannot be found out, the session keeps nothing: what was received stays with it at the broker, if it was not
 * committed, until it is rolled back or closed.
 */
final class TransactedMode implements SessionMode {
    private final SessionCore session;
    private final Unsettled unsettled = new Unsettled();
    private List<Outgoing> held = new ArrayList<>();
    /** Why the transaction in progress can only be rolled back. */
    private @Nullable JMSException doomed;

    TransactedMode(SessionCore session) {
        this.session = session;
    }

    @Override
    public int acknowledgeMode() {
        return Session.SESSION_TRANSACTED;
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
        // Settled by commit or rollback.
    }

    @Override
    public void onListenerFailed(Delivery delivery) {
        // The next message is delivered; the client commits or rolls back (section 8.7).
    }

    @Override
    public void acknowledge(@Nullable Delivery of) throws JMSException {
        session.checkOpen(); // else it does nothing in this mode (section 6.2.10)
    }

    /** Holds the record until commit; with that a send in a transaction is complete (section 7.3.4). */
    @Override
    public CompletableFuture<?> send(Outgoing outgoing) {
        session.locked(() -> held.add(outgoing));
        return CompletableFuture.completedFuture("");
    }

    @Override
    public void onOutage() {
        if (!unsettled.all().isEmpty()) {
            doomed = new TransactionRolledBackException(
                    "The link to the broker was lost in this transaction, which had received messages; it was rolled"
                            + " back. They are delivered again.",
                    "MILLRACE_TRANSACTION_ABORTED");
        }
        unsettled.clear();
    }

    @Override
    public void commit() throws JMSException {
        Bundle bundle = new Bundle(session.options().alwaysCoordinate());
        JMSException undone = session.lockedGet(() -> {
            unsettled.settle(
                    AckType.ACCEPT,
                    (delivery, accept) -> bundle.add(
                            session,
                            delivery.link().link(),
                            delivery.receiver().destination().getName(),
                            accept));
            JMSException cause = doomed;
            doomed = null;
            return cause;
        });
        takeHeld().forEach(send -> bundle.add(session, send));
        if (undone != null) {
            throw rolledBack(undone);
        }
        if (bundle.isEmpty()) {
            return;
        }
        bundle.parts().forEach(part -> session.at(part.broker())); // closing the session tells this broker too
        try {
            bundle.commit(session);
        } catch (Committing.Refused refused) {
            throw rolledBack(refused.reason());
        }
        session.locked(session.work()::onSettled);
    }

    /** Rolls back; the exception that says so, whatever the reason was (section 10.3), with the reason linked. */
    private TransactionRolledBackException rolledBack(JMSException cause) {
        TransactionRolledBackException told = cause instanceof TransactionRolledBackException already
                ? already
                : JmsErrors.withCause(
                        new TransactionRolledBackException(
                                "The transaction was rolled back: " + cause.getMessage(), cause.getErrorCode()),
                        cause);
        try {
            if (session.isOpen()) {
                session.recover();
            }
        } catch (JMSException e) {
            told.addSuppressed(e); // nothing was committed all the same, and that must be known
        }
        return told;
    }

    private List<Outgoing> takeHeld() {
        List<Outgoing> taken = new ArrayList<>();
        session.locked(() -> {
            taken.addAll(held);
            held = new ArrayList<>();
        });
        return taken;
    }

    @Override
    public void rollback() throws JMSException {
        forgetSends();
        session.locked(() -> doomed = null);
        session.recover();
    }

    /** The transaction ends undone, as when its session is closed. */
    void forgetSends() {
        var unused = takeHeld();
    }

    @Override
    public List<Acknowledgement> onRecover() {
        unsettled.clear();
        return List.of();
    }
}
