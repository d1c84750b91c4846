// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.Commit;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * SESSION_TRANSACTED: sends and accepts are held and shipped as one bundle at commit (design: client-side bundles); a
 * rollback forgets the sends and returns what was received. A commit that is refused rolls back; of one whose outcome
 * cannot be found out, the session keeps nothing: what was received stays with it at the broker, if it was not
 * committed, until it is rolled back or closed.
 */
final class TransactedMode implements SessionMode {
    private final SessionCore session;
    private final Unsettled unsettled = new Unsettled();
    private List<Held> held = new ArrayList<>();

    /** A send that waits for commit. */
    private record Held(Outgoing outgoing, CompletableFuture<Object> done) {}

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
    public void acknowledge() {
        // Does nothing in this mode (section 6.2.10).
    }

    /** Holds the record. The future ends with the transaction; nobody but an asynchronous send waits for it. */
    @Override
    public CompletableFuture<?> send(Outgoing outgoing) {
        CompletableFuture<Object> done = new CompletableFuture<>();
        session.locked(() -> held.add(new Held(outgoing, done)));
        return done;
    }

    @Override
    public void commit() throws JMSException {
        List<Held> sends = takeHeld();
        Map<SessionLink, List<Acknowledgement>> acks = new LinkedHashMap<>();
        session.locked(() -> acks.putAll(unsettled.settle(AckType.ACCEPT)));
        if (sends.isEmpty() && acks.isEmpty()) {
            return;
        }
        Set<BrokerLink> brokers = new LinkedHashSet<>();
        sends.forEach(send -> brokers.add(send.outgoing.link()));
        acks.keySet().forEach(at -> brokers.add(at.link()));
        if (brokers.size() > 1) {
            throw rolledBack(
                    sends,
                    new TransactionRolledBackException(
                            "This transaction touches partitions of " + brokers.size()
                                    + " brokers; this version commits on one broker only. It was rolled back.",
                            "MILLRACE_SEVERAL_BROKERS"));
        }
        List<Acknowledgement> accepts = new ArrayList<>();
        acks.values().forEach(accepts::addAll);
        BrokerLink broker = brokers.iterator().next();
        session.at(broker); // closing the session tells this broker too
        UUID id = UUID.randomUUID();
        try {
            new Committing(session, broker, () -> new Commit(session.id(), id, batches(sends), accepts)).run();
        } catch (Committing.Refused refused) {
            throw rolledBack(sends, refused.reason());
        } catch (JMSException unknown) {
            sends.forEach(send -> send.done.completeExceptionally(unknown));
            throw unknown;
        }
        sends.forEach(send -> send.done.complete(""));
    }

    private JMSException rolledBack(List<Held> sends, JMSException cause) throws JMSException {
        sends.forEach(send -> send.done.completeExceptionally(cause));
        if (session.isOpen()) {
            session.recover();
        }
        return cause;
    }

    private static List<Commit.Send> batches(List<Held> sends) {
        BundleSends batches = new BundleSends();
        sends.forEach(send -> batches.add(send.outgoing));
        return batches.build();
    }

    private List<Held> takeHeld() {
        List<Held> taken = new ArrayList<>();
        session.locked(() -> {
            taken.addAll(held);
            held = new ArrayList<>();
        });
        return taken;
    }

    @Override
    public void rollback() throws JMSException {
        forgetSends();
        session.recover();
    }

    /** The transaction ends undone, as when its session is closed. */
    void forgetSends() {
        IllegalStateException cause = new IllegalStateException("The transaction was rolled back.");
        takeHeld().forEach(send -> send.done.completeExceptionally(cause));
    }

    @Override
    public List<Acknowledgement> onRecover() {
        unsettled.clear();
        return List.of();
    }
}
