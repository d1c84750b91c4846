// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionRolledBackException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/**
 * An XA session's mode (Jakarta Messaging 3.1, section 8.4 of the API's {@code XASession}): in a branch, sends and accepts
 * are held until that is prepared or committed; outside of one it sends at once and acknowledges by itself, as
 * containers expect it. Several branches may hold what the session has received: suspended and ended ones. Guarded by
 * the session's lock.
 */
final class XaMode implements SessionMode {
    private final SessionCore session;
    private final AutoMode outside;
    private final Map<XaBranch, Unsettled> received = new LinkedHashMap<>();
    private volatile @Nullable XaBranch current;
    /** See {@link XaDeliveries}. */
    private boolean inBranches;
    /** What a listener has and no branch has taken yet. */
    private @Nullable Delivery untaken;

    XaMode(SessionCore session) {
        this.session = session;
        this.outside = new AutoMode(session, Session.AUTO_ACKNOWLEDGE);
    }

    /** The branch the session works in. */
    @Nullable
    XaBranch current() {
        return current;
    }

    void current(@Nullable XaBranch branch) {
        session.locked(() -> {
            current = branch;
            Delivery delivery = untaken;
            if (branch != null && delivery != null) {
                untaken = null;
                hold(branch, delivery);
            }
        });
    }

    void deliverInBranches() {
        session.locked(() -> inBranches = true);
    }

    SessionCore session() {
        return session;
    }

    @Override
    public int acknowledgeMode() {
        return Session.SESSION_TRANSACTED;
    }

    @Override
    public void onReceived(Delivery delivery) {
        if (current == null) {
            outside.onReceived(delivery);
        } else {
            hold(current, delivery);
        }
    }

    @Override
    public void awaitReceived() {
        outside.awaitReceived();
    }

    private void hold(XaBranch branch, Delivery delivery) {
        branch.addReceiver(this);
        received.computeIfAbsent(branch, any -> new Unsettled()).add(delivery);
    }

    @Override
    public void onListenerCalled(Delivery delivery) {
        XaBranch branch = current;
        if (branch != null) {
            hold(branch, delivery);
        } else if (inBranches) {
            untaken = delivery;
        } else {
            outside.onListenerCalled(delivery);
        }
    }

    @Override
    public void onListenerReturned(Delivery delivery) throws JMSException {
        if (isUntaken(delivery)) {
            outside.onListenerFailed(delivery);
        } else if (isOutside(delivery)) {
            outside.onListenerReturned(delivery);
        }
    }

    @Override
    public void onListenerFailed(Delivery delivery) throws JMSException {
        if (isUntaken(delivery) || isOutside(delivery)) {
            outside.onListenerFailed(delivery);
        }
    }

    /** Whether a branch had to take it and none has; it is given back now. */
    private boolean isUntaken(Delivery delivery) {
        boolean[] untakenNow = new boolean[1];
        session.locked(() -> {
            untakenNow[0] = delivery.equals(untaken);
            untaken = null;
        });
        return untakenNow[0];
    }

    /** Whether no branch has it; one that ended meanwhile has settled it. */
    private boolean isOutside(Delivery delivery) {
        boolean[] outsideNow = new boolean[1];
        session.locked(() -> outsideNow[0] = current == null
                && !inBranches
                && received.values().stream().noneMatch(of -> of.all().contains(delivery)));
        return outsideNow[0];
    }

    @Override
    public void acknowledge(@Nullable Delivery of) throws JMSException {
        session.checkOpen(); // else it does nothing in this mode (section 6.2.10)
    }

    @Override
    public CompletableFuture<?> send(Outgoing outgoing) {
        XaBranch branch = current;
        if (branch == null) {
            return outside.send(outgoing);
        }
        TransactionRolledBackException over = branch.add(outgoing);
        return over == null ? CompletableFuture.completedFuture("") : CompletableFuture.failedFuture(over);
    }

    @Override
    public void checkReceivable() throws JMSException {
        XaBranch branch = current;
        TransactionRolledBackException over = branch == null ? null : branch.over();
        if (over != null) {
            throw over;
        }
    }

    @Override
    public void commit() throws JMSException {
        throw notHere("commit");
    }

    @Override
    public void rollback() throws JMSException {
        throw notHere("rollback");
    }

    private static TransactionInProgressException notHere(String what) {
        return new TransactionInProgressException(
                what + " is not for an XA session: its transaction manager ends its transactions.");
    }

    @Override
    public void recover() throws JMSException {
        throw new IllegalStateException("An XA session's transactions are rolled back, it is not recovered.");
    }

    @Override
    public List<Acknowledgement> onRecover() {
        received.clear();
        untaken = null;
        return outside.onRecover();
    }

    @Override
    public void onOutage() {
        failReceivers(
                "The link to the broker was lost while branch %s had received messages; they are delivered again.");
        received.clear();
        untaken = null;
    }

    /** The session closes: what branches have received here goes back. */
    void onClosing() {
        session.locked(() -> {
            failReceivers("The session was closed while branch %s had received messages in it.");
            received.clear();
        });
    }

    private void failReceivers(String why) {
        received.forEach((branch, unsettled) -> {
            if (!unsettled.all().isEmpty()) {
                branch.fail(XAException.XA_RBCOMMFAIL, String.format(why, branch.id()));
            }
        });
    }

    /** What a branch has received here, as accepts that are on their way now, with the bundle. */
    Map<SessionLink, List<Acknowledgement>> accept(XaBranch branch, Bundle bundle) {
        Map<SessionLink, List<Acknowledgement>> acks = new LinkedHashMap<>();
        session.locked(() -> {
            Unsettled unsettled = received.remove(branch);
            if (unsettled != null) {
                unsettled.settle(AckType.ACCEPT, (delivery, accept) -> {
                    SessionLink at = delivery.link();
                    SessionLink.append(acks.computeIfAbsent(at, any -> new ArrayList<>()), accept);
                    bundle.add(
                            session,
                            at.link(),
                            delivery.receiver().destination().getName(),
                            accept);
                });
            }
        });
        return acks;
    }

    /** What was accepted is settled. */
    void onSettled() {
        session.locked(session.work()::onSettled);
    }

    /**
     * Gives back what a branch has received here, and what is buffered, so that all comes again in order; what other
     * branches have received stays theirs.
     *
     * @param refused accepts that were refused: their messages may still be the session's
     */
    void giveBack(XaBranch branch, Map<SessionLink, List<Acknowledgement>> refused) throws JMSException {
        if (!session.isOpen()) {
            return; // all went back
        }
        Map<SessionLink, List<Acknowledgement>> releases = new LinkedHashMap<>();
        boolean[] alone = new boolean[1];
        session.locked(() -> {
            refused.forEach((at, acks) -> releases.put(at, toReleases(acks)));
            take(branch).forEach((at, acks) -> releases.merge(at, acks, XaMode::joined));
            alone[0] = received.values().stream().allMatch(other -> other.all().isEmpty());
        });
        if (alone[0]) {
            session.recover();
        } else {
            JmsErrors.await(Returning.of(session, releases), "Giving messages back");
        }
    }

    /** The same for a branch that has passed its time-out, whatever the session does now. Does not wait. */
    CompletableFuture<Void> giveBackLate(XaBranch branch) {
        Map<SessionLink, List<Acknowledgement>> releases = new LinkedHashMap<>();
        session.locked(() -> releases.putAll(take(branch)));
        return releases.isEmpty() || !session.isOpen()
                ? CompletableFuture.completedFuture(null)
                : Returning.of(session, releases);
    }

    private Map<SessionLink, List<Acknowledgement>> take(XaBranch branch) {
        Unsettled own = received.remove(branch);
        return own == null ? Map.of() : own.settle(AckType.RELEASE);
    }

    private static List<Acknowledgement> joined(List<Acknowledgement> some, List<Acknowledgement> others) {
        List<Acknowledgement> all = new ArrayList<>(some);
        all.addAll(others);
        return all;
    }

    private static List<Acknowledgement> toReleases(List<Acknowledgement> acks) {
        return acks.stream()
                .map(ack -> new Acknowledgement(
                        ack.consumerId(),
                        ack.partition(),
                        ack.firstOffset(),
                        ack.lastOffset(),
                        ack.lease(),
                        AckType.RELEASE))
                .toList();
    }
}
