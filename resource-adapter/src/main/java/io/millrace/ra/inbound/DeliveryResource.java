// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.SessionResource;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * The XAResource of a delivering session; learns how the transaction of a delivery ends: {@code setRollbackOnly} throws
 * nothing, only the transaction manager's calls tell. Called by the transaction manager's threads.
 */
final class DeliveryResource extends SessionResource {
    private volatile boolean committed;

    /** See {@link SessionResource}. */
    DeliveryResource(XAResource session, Supplier<BrokerSettings> broker, AwayBroker away) {
        super(() -> session, broker, away);
    }

    /** A delivery begins. */
    void begin() {
        committed = false;
    }

    /** Whether the transaction of this delivery was committed. */
    boolean isCommitted() {
        return committed;
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        super.commit(xid, onePhase);
        committed = true;
    }
}
