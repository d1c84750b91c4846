// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.XAJMSContext;
import java.util.concurrent.atomic.AtomicInteger;
import javax.transaction.xa.XAResource;

/** The simplified API over an XA session. */
final class MillraceXAContext extends MillraceContext implements XAJMSContext {
    private final MillraceXASession session;

    /** Opens the connection of a new context. */
    interface XAOpener {
        MillraceXAConnection open() throws JMSException;
    }

    private MillraceXAContext(MillraceXAConnection connection, MillraceXASession session) {
        super(connection, new AtomicInteger(1), session);
        this.session = session;
    }

    static MillraceXAContext openXA(XAOpener opener) {
        return JmsErrors.unchecked(() -> {
            MillraceXAConnection connection = opener.open();
            boolean made = false;
            try {
                MillraceXAContext context =
                        new MillraceXAContext(connection, connection.xaSession(MillraceSession.Domain.BOTH));
                made = true;
                return context;
            } finally {
                if (!made) {
                    connection.close();
                }
            }
        });
    }

    @Override
    public JMSContext getContext() {
        return this;
    }

    @Override
    public XAResource getXAResource() {
        return session.getXAResource();
    }
}
