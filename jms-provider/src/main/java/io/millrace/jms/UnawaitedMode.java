// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import org.jspecify.annotations.Nullable;

/**
 * CLIENT_ACKNOWLEDGE as a resource adapter wants it: {@code Message.acknowledge()} accepts everything the session has received
 * and does not wait for the broker, see {@link ListenerBuffers#acknowledgeWithoutWaiting}.
 */
final class UnawaitedMode extends ClientAcknowledgement {
    UnawaitedMode(SessionCore session) {
        super(session);
    }

    @Override
    public void acknowledge(@Nullable Delivery of) throws JMSException {
        session.checkOpen();
        session.locked(unsettled::acceptSoon);
    }
}
