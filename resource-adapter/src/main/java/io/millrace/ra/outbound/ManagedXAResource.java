// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.SessionResource;
import io.millrace.ra.XaFailures;
import jakarta.jms.JMSException;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;

/**
 * The XAResource of a managed connection: while a branch is worked in, the application's handles go to the XA session.
 * Called by the thread that the container lets use the managed connection, or after it has thrown that away.
 */
final class ManagedXAResource extends SessionResource {
    private final MillraceManagedConnection managed;

    /**
     * @param broker where the managed connection goes, and as whom, which re-authentication changes
     * @param away what is done while the broker is away
     */
    ManagedXAResource(MillraceManagedConnection managed, Supplier<BrokerSettings> broker, AwayBroker away) {
        super(() -> session(managed), broker, away);
        this.managed = managed;
    }

    private static XAResource session(MillraceManagedConnection managed) throws XAException {
        try {
            return managed.link().xa();
        } catch (JMSException e) {
            throw XaFailures.of(XAException.XAER_RMFAIL, "The connection cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        super.start(xid, flags);
        managed.inBranch(true);
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        managed.inBranch(false);
        super.end(xid, flags);
    }
}
