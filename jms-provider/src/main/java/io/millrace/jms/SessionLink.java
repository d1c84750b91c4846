// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Acknowledgement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The part of a session that is known to one broker: the acknowledgements that wait for a ride. An accept leaves at
 * once, a receipt shortly after; whatever leaves earlier (a pull) takes them along, and while a request is unanswered
 * more of them gather for the next. Guarded by its own monitor; safe for any thread.
 */
final class SessionLink {
    private static final Logger log = LoggerFactory.getLogger(SessionLink.class);
    private static final long RECEIPT_DELAY_MS = 20;
    private static final long LAZY_DELAY_MS = 100;
    /** So many ranges of lazy accepts leave without waiting longer. */
    private static final int LAZY_RANGES = 64;
    /** So many ranges do not wait for a ride that may not come soon. */
    private static final int MANY_RANGES = 32;

    private final BrokerLink link;
    private final long sessionId;
    private List<Acknowledgement> waiting = new ArrayList<>();
    private boolean unanswered;
    private boolean flushScheduled;
    private boolean ended;

    SessionLink(BrokerLink link, long sessionId) {
        this.link = link;
        this.sessionId = sessionId;
    }

    BrokerLink link() {
        return link;
    }

    /** The session that acknowledges here. */
    long sessionId() {
        return sessionId;
    }

    synchronized void add(Acknowledgement ack) {
        if (ended) {
            return;
        }
        append(waiting, ack);
        if (ack.type() != AckType.RECEIPT) {
            flush();
        } else {
            flushWithin(RECEIPT_DELAY_MS);
        }
    }

    /** Adds an accept; the receipt of the same message, when it was the last to wait, says nothing more. */
    synchronized void addInPlaceOfReceipt(Acknowledgement accept) {
        int last = waiting.size() - 1;
        if (last >= 0
                && waiting.get(last)
                        .equals(new Acknowledgement(
                                accept.consumerId(),
                                accept.partition(),
                                accept.firstOffset(),
                                accept.lastOffset(),
                                accept.lease(),
                                AckType.RECEIPT))) {
            waiting.remove(last);
        }
        add(accept);
    }

    /** Sends an accept at once with all that waits; completes when it is durable. */
    synchronized CompletableFuture<?> addAwaited(Acknowledgement accept) {
        if (ended) {
            return CompletableFuture.completedFuture(null);
        }
        append(waiting, accept);
        return link.request(new Acknowledge(sessionId, take(), true), Acknowledge.Response.class);
    }

    /** Adds an accept that may wait, as DUPS_OK_ACKNOWLEDGE allows. */
    synchronized void addLazily(Acknowledgement accept) {
        if (ended) {
            return;
        }
        append(waiting, accept);
        if (waiting.size() >= LAZY_RANGES) {
            flush();
        } else {
            flushWithin(LAZY_DELAY_MS);
        }
    }

    /** Sends what waits when it is much already. */
    synchronized void flushIfMany() {
        if (waiting.size() >= MANY_RANGES) {
            flush();
        }
    }

    private void flushWithin(long delayMs) {
        if (!flushScheduled && !unanswered) {
            flushScheduled = true;
            link.schedule(this::flushScheduled, delayMs);
        }
    }

    private synchronized void flushScheduled() {
        flushScheduled = false;
        flush();
    }

    /** The link is down and with it what was acquired over it: nothing more is told. */
    synchronized void end() {
        ended = true;
        waiting = new ArrayList<>();
    }

    /** Takes what waits, for a request that leaves now. */
    synchronized List<Acknowledgement> take() {
        List<Acknowledgement> taken = waiting;
        waiting = new ArrayList<>();
        return taken;
    }

    /** Sends the accepts that wait; takes the receipts, for a request that leaves right after. */
    synchronized List<Acknowledgement> flushAndTakeReceipts() {
        List<Acknowledgement> receipts = new ArrayList<>();
        List<Acknowledgement> others = new ArrayList<>();
        for (Acknowledgement ack : take()) {
            (ack.type() == AckType.RECEIPT ? receipts : others).add(ack);
        }
        if (!others.isEmpty()) {
            send(others);
        }
        return receipts;
    }

    private synchronized void flush() {
        if (!ended && !unanswered && !waiting.isEmpty()) {
            unanswered = true;
            send(take());
        }
    }

    private void send(List<Acknowledgement> acks) {
        var unused = link.request(new Acknowledge(sessionId, acks, false), Acknowledge.Response.class)
                .whenComplete((answer, failure) -> onAnswered(failure));
    }

    private synchronized void onAnswered(Throwable failure) {
        unanswered = false;
        flush();
        if (failure != null) {
            log.debug("Acknowledgements of session {} did not take effect: {}", sessionId, failure.getMessage());
        }
    }

    /** Appends, joined with the last one where that is one range. */
    static void append(List<Acknowledgement> acks, Acknowledgement next) {
        int last = acks.size() - 1;
        if (last >= 0) {
            Acknowledgement previous = acks.get(last);
            if (previous.consumerId() == next.consumerId()
                    && previous.partition() == next.partition()
                    && previous.lease() == next.lease()
                    && previous.type() == next.type()
                    && previous.lastOffset() + 1 == next.firstOffset()) {
                acks.set(
                        last,
                        new Acknowledgement(
                                next.consumerId(),
                                next.partition(),
                                previous.firstOffset(),
                                next.lastOffset(),
                                next.lease(),
                                next.type()));
                return;
            }
        }
        acks.add(next);
    }
}
