// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.inbound.Concurrency.Decision;
import io.millrace.ra.inbound.Concurrency.Seen;
import jakarta.jms.JMSException;
import jakarta.resource.spi.UnavailableException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out what {@link Concurrency} decides for one link. Looks on the container's timer, at most one look at a time,
 * and none while nothing is delivered; opens and closes sessions on the container's threads.
 */
final class Scaling {
    private static final Logger LOG = LoggerFactory.getLogger(Scaling.class);

    private final InboundLink link;
    private final Container container;
    private final Concurrency concurrency;
    private final AtomicBoolean watching = new AtomicBoolean();

    Scaling(InboundLink link, Container container, int min, int max) {
        this.link = link;
        this.container = container;
        this.concurrency = new Concurrency(min, max);
    }

    /** A delivery begins. Any thread; costs a read of memory but for the first of many. */
    void onBusy() {
        if (!watching.get() && !concurrency.isFixed() && watching.compareAndSet(false, true)) {
            lookIn(Concurrency.GROW_NANOS);
        }
    }

    private void lookIn(long nanos) {
        container.runAt(TimeUnit.NANOSECONDS.toMillis(nanos), this::look);
    }

    private void look() {
        if (link.isClosing()) {
            return;
        }
        List<DeliverySession> sessions = new ArrayList<>(link.sessions());
        try {
            List<Seen> seen = new ArrayList<>();
            for (DeliverySession session : sessions) {
                seen.add(session.seen());
            }
            Decision decision;
            synchronized (concurrency) {
                decision = concurrency.decide(container.nanos(), seen);
            }
            for (int index : decision.giveBack()) {
                sessions.get(index).giveBack();
            }
            if (decision.more() > 0) {
                container.runLater(() -> grow(decision), refused -> next(decision));
            } else if (decision.close() >= 0) {
                container.runLater(() -> shrink(sessions.get(decision.close()), decision), refused -> next(decision));
            } else {
                next(decision);
            }
        } catch (JMSException e) {
            LOG.debug("The sessions cannot be looked at, the link is being lost: {}", e.getMessage());
            lookIn(Concurrency.GROW_NANOS);
        }
    }

    private void grow(Decision decision) {
        try {
            int added = link.add(decision.more());
            if (added < decision.more()) {
                synchronized (concurrency) {
                    concurrency.onRefused(container.nanos());
                }
            }
            LOG.debug("{} more sessions, {} now", added, link.sessions().size());
        } catch (JMSException | UnavailableException e) {
            LOG.debug("No more sessions, the link is being lost: {}", e.getMessage());
        } finally {
            next(decision);
        }
    }

    private void shrink(DeliverySession idle, Decision decision) {
        try {
            link.remove(idle);
            LOG.debug("One session less, {} now", link.sessions().size());
        } catch (JMSException e) {
            LOG.debug("A session could not be closed, the link is being lost: {}", e.getMessage());
        } finally {
            next(decision);
        }
    }

    private void next(Decision decision) {
        if (decision.nextNanos() >= 0) {
            lookIn(decision.nextNanos());
            return;
        }
        watching.set(false);
        // One that began between the look and now has not been seen.
        if (link.sessions().stream().anyMatch(DeliverySession::isBusy)) {
            onBusy();
        }
    }
}
