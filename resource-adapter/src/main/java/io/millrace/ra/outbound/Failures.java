// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.ResourceAllocationRuntimeException;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import jakarta.resource.ResourceException;
import org.jspecify.annotations.Nullable;

/** Translates exceptions between the connector contracts, the classic and the simplified API. */
final class Failures {
    private Failures() {}

    /** A call of the classic API. */
    @FunctionalInterface
    interface Call<T> {
        T run() throws JMSException;
    }

    /** The same with a result that may be missing. */
    @FunctionalInterface
    interface NullableCall<T> {
        @Nullable
        T run() throws JMSException;
    }

    /** The same without a result. */
    @FunctionalInterface
    interface Action {
        void run() throws JMSException;
    }

    static <T> T unchecked(Call<T> call) {
        try {
            return call.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static <T> @Nullable T uncheckedOrNull(NullableCall<T> call) {
        try {
            return call.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static void unchecked(Action action) {
        try {
            action.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static JMSException jms(String what, ResourceException e) {
        if (e.getCause() instanceof JMSException cause) {
            return cause;
        }
        JMSException failure = new JMSException(what + ": " + e.getMessage());
        failure.initCause(e);
        return failure;
    }

    static JMSException withCause(JMSException failure, Exception cause) {
        failure.initCause(cause);
        return failure;
    }

    static ResourceException resource(String what, JMSException e) {
        return new ResourceException(what + ": " + e.getMessage(), e);
    }

    /** What Jakarta Messaging 3.1, section 12.2, does not allow to applications in a container. */
    static IllegalStateException notInContainer(String method) {
        return new IllegalStateException(
                method + " is not allowed in a Jakarta EE container (Jakarta Messaging 3.1, section 12.2)");
    }

    /** The same for the simplified API. */
    static IllegalStateRuntimeException notInContainerUnchecked(String method) {
        return new IllegalStateRuntimeException(notInContainer(method).getMessage());
    }

    private static JMSRuntimeException unchecked(JMSException e) {
        String text = e.getMessage();
        String code = e.getErrorCode();
        if (e instanceof IllegalStateException) {
            return new IllegalStateRuntimeException(text, code, e);
        }
        if (e instanceof InvalidClientIDException) {
            return new InvalidClientIDRuntimeException(text, code, e);
        }
        if (e instanceof InvalidDestinationException) {
            return new InvalidDestinationRuntimeException(text, code, e);
        }
        if (e instanceof InvalidSelectorException) {
            return new InvalidSelectorRuntimeException(text, code, e);
        }
        if (e instanceof JMSSecurityException) {
            return new JMSSecurityRuntimeException(text, code, e);
        }
        if (e instanceof MessageFormatException) {
            return new MessageFormatRuntimeException(text, code, e);
        }
        if (e instanceof MessageNotWriteableException) {
            return new MessageNotWriteableRuntimeException(text, code, e);
        }
        if (e instanceof ResourceAllocationException) {
            return new ResourceAllocationRuntimeException(text, code, e);
        }
        if (e instanceof TransactionInProgressException) {
            return new TransactionInProgressRuntimeException(text, code, e);
        }
        if (e instanceof TransactionRolledBackException) {
            return new TransactionRolledBackRuntimeException(text, code, e);
        }
        return new JMSRuntimeException(text, code, e);
    }
}
