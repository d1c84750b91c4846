// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;

/** The simplified API (lands with the next commits). */
abstract class MillraceContext implements JMSContext {

    /** Opens the connection of a new context. */
    interface Opener {
        MillraceConnection open() throws JMSException;
    }

    static MillraceContext open(Opener opener, int sessionMode) {
        try {
            opener.open();
        } catch (JMSException e) {
            throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
        }
        throw new JMSRuntimeException("Mode " + sessionMode + " is being built.");
    }
}
