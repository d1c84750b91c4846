// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.ErrorCode;
import jakarta.jms.JMSException;
import javax.transaction.xa.XAException;
import org.jspecify.annotations.Nullable;

/** The one place where failures become the codes of the XA interface (XA specification, chapter 5). */
final class XaErrors {
    private XaErrors() {}

    static XAException of(int code, String message) {
        return of(code, message, null);
    }

    static XAException nota(String message) {
        return of(XAException.XAER_NOTA, message);
    }

    static XAException of(int code, String message, @Nullable Throwable cause) {
        XAException failure = new XAException(message);
        failure.errorCode = code;
        if (cause != null) {
            failure.initCause(cause);
        }
        return failure;
    }

    /** A branch whose bundle was refused: nothing of it took place. */
    static XAException refused(JMSException reason) {
        ErrorCode code = codeOf(reason);
        int xa = code == null
                ? XAException.XA_RBROLLBACK
                : switch (code) {
                    case DUPLICATE_BRANCH -> XAException.XAER_DUPID;
                    case TOO_LARGE, DESTINATION_FULL -> XAException.XA_RBOTHER;
                    case BAD_REQUEST -> XAException.XA_RBPROTO;
                    default -> XAException.XA_RBROLLBACK;
                };
        return of(xa, "The branch was rolled back: " + reason.getMessage(), reason);
    }

    /** A prepare, commit or rollback of which nobody can say whether it took place. */
    static XAException unknown(JMSException doubt) {
        if (Part.HEURISTIC.equals(doubt.getErrorCode())) {
            return of(XAException.XA_HEURMIX, String.valueOf(doubt.getMessage()), doubt);
        }
        return of(
                XAException.XAER_RMFAIL,
                "The broker cannot be reached, the outcome is not known; ask again, or recover: " + doubt.getMessage(),
                doubt);
    }

    /** A request to the broker that failed. */
    static XAException of(JMSException failure) {
        ErrorCode code = codeOf(failure);
        int xa = code == null
                ? XAException.XAER_RMFAIL
                : switch (code) {
                    case UNKNOWN_BRANCH -> XAException.XAER_NOTA;
                    case DUPLICATE_BRANCH -> XAException.XAER_DUPID;
                    case WRONG_BRANCH_STATE -> XAException.XAER_PROTO;
                    case DESTINATION_FULL -> XAException.XA_RETRY;
                    case UNAVAILABLE, NOT_LEADER, STORAGE_FAILED -> XAException.XAER_RMFAIL;
                    default -> XAException.XAER_RMERR;
                };
        return of(xa, String.valueOf(failure.getMessage()), failure);
    }

    /** The broker's reason; {@code null} when it gave none. */
    static @Nullable ErrorCode codeOf(JMSException failure) {
        return failure.getCause() instanceof ProviderException known && known.kind() == ProviderException.Kind.REFUSED
                ? known.code()
                : null;
    }
}
