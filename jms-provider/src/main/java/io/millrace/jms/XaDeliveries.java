// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.XASession;

/** What a resource adapter needs of an XA session beyond the API, to deliver messages in a container's transactions. */
public final class XaDeliveries {
    private XaDeliveries() {}

    /**
     * From now on a message that is given to a listener of this session belongs to the branch that the session's
     * XAResource starts, on whatever thread, before the listener returns: the message is settled with that branch. A
     * message for which none is started is delivered again, after a pause.
     *
     * @throws JMSException when the session is not one of Millrace's
     */
    public static void inBranches(XASession session) throws JMSException {
        if (!(session instanceof MillraceXASession millrace)) {
            throw new JMSException(
                    "Not an XA session of Millrace: " + session.getClass().getName());
        }
        millrace.deliverInBranches();
    }
}
