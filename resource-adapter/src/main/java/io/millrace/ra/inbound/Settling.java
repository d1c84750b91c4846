// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;

/** How a delivered message is settled once its outcome is known. */
interface Settling {
    void processed(Message message) throws JMSException;

    /** It is to be delivered again. */
    void failed() throws JMSException;

    /** By the session, which is in CLIENT_ACKNOWLEDGE mode: only what a bean has processed is acknowledged, whatever ends a link. */
    static Settling by(Session session) {
        return new Settling() {
            @Override
            public void processed(Message message) throws JMSException {
                message.acknowledge();
            }

            @Override
            public void failed() throws JMSException {
                session.recover();
            }
        };
    }

    /** By the transaction manager, which has done it; what no transaction has taken the session gives back by itself. */
    static Settling byTransaction() {
        return new Settling() {
            @Override
            public void processed(Message message) {
                // Settled with the branch.
            }

            @Override
            public void failed() {
                // Rolled back with the branch.
            }
        };
    }
}
