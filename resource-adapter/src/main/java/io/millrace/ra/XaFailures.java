// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/** XAExceptions with a code, which their constructors do not take beside a message. */
public final class XaFailures {
    private XaFailures() {}

    /** @param code of {@link XAException} */
    public static XAException of(int code, String message, @Nullable Throwable cause) {
        XAException failure = new XAException(message);
        failure.errorCode = code;
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }
}
