// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.BrokerSettings;
import io.millrace.ra.RecoveryResource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import javax.transaction.xa.XAException;
import javax.transaction.xa.Xid;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rollbacks that a transaction manager decided while the broker was away, after a prepare whose answer was lost, say. Some
 * transaction managers do not ask again before they are restarted, and the branch would hold its messages till then. They
 * are tried with back-off until the broker has them. Safe for any thread; what blocks runs as a {@code Work}.
 */
final class OwedRollbacks {
    /** The most that are remembered; more are left to the transaction manager's recovery. */
    static final int MOST = 10_000;

    private static final Logger LOG = LoggerFactory.getLogger(OwedRollbacks.class);
    private static final Backoff AGAIN = new Backoff(200, 10_000);

    private final Container container;
    private final Set<Owed> waiting = new LinkedHashSet<>();
    private boolean scheduled;
    private int failures;

    /** Equal if they are for one branch of one broker. */
    private record Owed(BrokerSettings broker, Xid xid) {}

    OwedRollbacks(Container container) {
        this.container = container;
    }

    synchronized void add(BrokerSettings broker, Xid xid) {
        if (waiting.size() >= MOST) {
            LOG.warn(
                    "{} rollbacks wait for their brokers already; branch {} at {} is left to the server's recovery, or to"
                            + " 'millrace tx rollback'",
                    MOST,
                    xid,
                    broker.effectiveUrl());
            return;
        }
        waiting.add(new Owed(broker.withoutClientId(), xid));
        schedule();
    }

    private synchronized void schedule() {
        if (!scheduled && !waiting.isEmpty()) {
            scheduled = true;
            failures++;
            container.runAt(AGAIN.afterMs(failures), () -> container.runLater(this::run, refused -> onRound()));
        }
    }

    private void run() {
        for (Owed owed : snapshot()) {
            if (isDone(owed)) {
                remove(owed);
            }
        }
        onRound();
    }

    private synchronized List<Owed> snapshot() {
        return List.copyOf(waiting);
    }

    private synchronized void remove(Owed owed) {
        waiting.remove(owed);
        failures = 0;
    }

    private synchronized void onRound() {
        scheduled = false;
        schedule();
    }

    private static boolean isDone(Owed owed) {
        try {
            new RecoveryResource(owed.broker()).rollback(owed.xid());
            LOG.info(
                    "Branch {} at {} is rolled back now",
                    owed.xid(),
                    owed.broker().effectiveUrl());
            return true;
        } catch (XAException e) {
            if (e.errorCode == XAException.XAER_RMFAIL) {
                return false;
            }
            if (e.errorCode != XAException.XAER_NOTA) {
                LOG.warn(
                        "Branch {} at {} cannot be rolled back: {}",
                        owed.xid(),
                        owed.broker().effectiveUrl(),
                        e.getMessage());
            }
            return true; // unknown: it had not been prepared, or was rolled back since
        }
    }
}
