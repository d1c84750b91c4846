// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import java.util.function.Supplier;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.jspecify.annotations.Nullable;

/**
 * A broker's branches for a recovering transaction manager. Each call has a connection of its own, so that the resource
 * serves as long as the server likes, over any restart of the broker. Takes no work. Safe for any thread.
 */
public final class RecoveryResource implements XAResource {
    private final Supplier<BrokerSettings> broker;

    /** @param settings where the broker is; a client id is left out, another connection may have it */
    public RecoveryResource(BrokerSettings settings) {
        this(() -> settings);
    }

    /** @param broker asked at each call */
    RecoveryResource(Supplier<BrokerSettings> broker) {
        this.broker = broker;
    }

    private BrokerSettings settings() {
        return broker.get().withoutClientId();
    }

    private interface Call<T> {
        T on(XAResource broker) throws XAException;
    }

    private <T> T call(Call<T> call) throws XAException {
        BrokerSettings settings = settings();
        try (XAConnection connection = settings.factory(0).createXAConnection()) {
            return call.on(connection.createXASession().getXAResource());
        } catch (JMSException e) {
            throw XaFailures.of(XAException.XAER_RMFAIL, "No connection to " + settings.effectiveUrl(), e);
        }
    }

    /** All of them at the start of a scan; none later in it. */
    @Override
    public Xid[] recover(int flags) throws XAException {
        if ((flags & TMSTARTRSCAN) == 0) {
            return new Xid[0];
        }
        return call(broker -> broker.recover(TMSTARTRSCAN | TMENDRSCAN));
    }

    @Override
    public void commit(Xid xid, boolean onePhase) throws XAException {
        call(broker -> {
            broker.commit(xid, onePhase);
            return xid;
        });
    }

    @Override
    public void rollback(Xid xid) throws XAException {
        call(broker -> {
            broker.rollback(xid);
            return xid;
        });
    }

    @Override
    public void forget(Xid xid) throws XAException {
        call(broker -> {
            broker.forget(xid);
            return xid;
        });
    }

    @Override
    public void start(Xid xid, int flags) throws XAException {
        throw noWork();
    }

    @Override
    public void end(Xid xid, int flags) throws XAException {
        throw noWork();
    }

    @Override
    public int prepare(Xid xid) throws XAException {
        throw noWork();
    }

    private static XAException noWork() {
        return XaFailures.of(XAException.XAER_PROTO, "This resource is for recovery; no work is done with it", null);
    }

    @Override
    public boolean isSameRM(@Nullable XAResource other) {
        return other instanceof RecoveryResource resource && resource.settings().equals(settings());
    }

    @Override
    public int getTransactionTimeout() {
        return 0;
    }

    @Override
    public boolean setTransactionTimeout(int seconds) {
        return false;
    }
}
