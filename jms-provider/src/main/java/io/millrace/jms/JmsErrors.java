// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Feature;
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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** The one place where failures become JMS exceptions, checked and unchecked. */
final class JmsErrors {
    private static final String LINK_LOST = "MILLRACE_" + ProviderException.Kind.LINK_LOST;

    private JmsErrors() {}

    /** An operation of the checked API. */
    interface Checked<T> {
        T call() throws JMSException;
    }

    /** An operation of the checked API that may come back with nothing. */
    interface CheckedOptional<T> {
        @Nullable
        T call() throws JMSException;
    }

    /** An operation of the checked API without result. */
    interface CheckedAction {
        void run() throws JMSException;
    }

    /** Waits for the wire; its futures end in bounded time. */
    static <T> T await(CompletableFuture<T> future, String what) throws JMSException {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw of(e, what);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw withCause(new JMSException(what + " was interrupted.", "MILLRACE_INTERRUPTED"), e);
        }
    }

    /** @param what what was being done, to open the message with: "Sending to queue:///orders" */
    static JMSException of(Throwable failure, String what) {
        Throwable cause = failure;
        while ((cause instanceof ExecutionException || cause instanceof CompletionException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof JMSException known) {
            return known;
        }
        String message = what + " failed: " + cause.getMessage();
        JMSException translated = cause instanceof ProviderException known
                ? translate(known, message)
                : new JMSException(message, "MILLRACE_INTERNAL");
        return withCause(translated, cause);
    }

    /** As {@link #of}, of a connection that could not be made: what is in use is the client id then. */
    static JMSException ofConnecting(ProviderException failure, String what) {
        JMSException translated = of(failure, what);
        return failure.kind() == ProviderException.Kind.REFUSED && failure.code() == ErrorCode.IN_USE
                ? withCause(new InvalidClientIDException(translated.getMessage(), translated.getErrorCode()), failure)
                : translated;
    }

    private static JMSException translate(ProviderException failure, String message) {
        if (failure.kind() != ProviderException.Kind.REFUSED) {
            return new JMSException(message, "MILLRACE_" + failure.kind());
        }
        String code = "MILLRACE_" + failure.code();
        return switch (failure.code()) {
            case INVALID_DESTINATION, WRONG_DESTINATION_KIND -> new InvalidDestinationException(message, code);
            case NOT_AUTHENTICATED, NOT_AUTHORIZED -> new JMSSecurityException(message, code);
            case TRANSACTION_ABORTED -> new TransactionRolledBackException(message, code);
            case IN_USE -> new IllegalStateException(message, code);
            case INVALID_SELECTOR -> new InvalidSelectorException(message, code);
            case TOO_LARGE, DESTINATION_FULL -> new ResourceAllocationException(message, code);
            case UNKNOWN_CONSUMER, STALE_SESSION_EPOCH -> new IllegalStateException(message, code);
            default -> new JMSException(message, code);
        };
    }

    /** Whether this says that a link to a broker is gone. */
    static boolean isLinkLost(JMSException failure) {
        return LINK_LOST.equals(failure.getErrorCode());
    }

    /** The same failure, told to another caller. */
    static JMSException copy(JMSException cause) {
        String message = cause.getMessage();
        String code = cause.getErrorCode();
        JMSException copy;
        if (cause instanceof IllegalStateException) {
            copy = new IllegalStateException(message, code);
        } else if (cause instanceof InvalidDestinationException) {
            copy = new InvalidDestinationException(message, code);
        } else if (cause instanceof JMSSecurityException) {
            copy = new JMSSecurityException(message, code);
        } else if (cause instanceof ResourceAllocationException) {
            copy = new ResourceAllocationException(message, code);
        } else {
            copy = new JMSException(message, code);
        }
        return withCause(copy, cause);
    }

    /** The first of several failures, with the later ones suppressed in it. */
    static JMSException join(@Nullable JMSException first, JMSException next) {
        if (first == null || first == next) {
            return next;
        }
        first.addSuppressed(next);
        return first;
    }

    /** A commit of which nobody can say whether it took place. */
    static JMSException outcomeUnknown(Throwable cause) {
        return withCause(
                new JMSException(
                        "Whether the transaction was committed is unknown: " + cause.getMessage()
                                + ". It was not rolled back here; look at its effects before doing it again.",
                        "MILLRACE_OUTCOME_UNKNOWN"),
                cause);
    }

    static <E extends JMSException> E withCause(E exception, Throwable cause) {
        exception.initCause(cause);
        if (cause instanceof Exception linked) {
            exception.setLinkedException(linked);
        }
        return exception;
    }

    /** A feature that the broker did not announce. */
    static JMSException missing(Feature feature, String what) {
        return new JMSException(
                what + " needs the broker's feature " + feature + ", which this broker does not announce.",
                "MILLRACE_UNSUPPORTED_FEATURE");
    }

    /** Something that this version of the client does not have. */
    static JMSException notOffered(String what) {
        return new JMSException(what + " is not offered by this version of Millrace.", "MILLRACE_NOT_OFFERED");
    }

    static <T> T unchecked(Checked<T> operation) {
        try {
            return operation.call();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static <T> @Nullable T uncheckedOptional(CheckedOptional<T> operation) {
        try {
            return operation.call();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    static void uncheckedRun(CheckedAction operation) {
        try {
            operation.run();
        } catch (JMSException e) {
            throw unchecked(e);
        }
    }

    /** The unchecked twin of a checked exception (Jakarta Messaging 3.1, section 10.2). */
    static JMSRuntimeException unchecked(JMSException e) {
        String message = e.getMessage();
        String code = e.getErrorCode();
        if (e instanceof IllegalStateException) {
            return new IllegalStateRuntimeException(message, code, e);
        } else if (e instanceof InvalidClientIDException) {
            return new InvalidClientIDRuntimeException(message, code, e);
        } else if (e instanceof InvalidDestinationException) {
            return new InvalidDestinationRuntimeException(message, code, e);
        } else if (e instanceof InvalidSelectorException) {
            return new InvalidSelectorRuntimeException(message, code, e);
        } else if (e instanceof JMSSecurityException) {
            return new JMSSecurityRuntimeException(message, code, e);
        } else if (e instanceof MessageFormatException) {
            return new MessageFormatRuntimeException(message, code, e);
        } else if (e instanceof MessageNotWriteableException) {
            return new MessageNotWriteableRuntimeException(message, code, e);
        } else if (e instanceof ResourceAllocationException) {
            return new ResourceAllocationRuntimeException(message, code, e);
        } else if (e instanceof TransactionInProgressException) {
            return new TransactionInProgressRuntimeException(message, code, e);
        } else if (e instanceof TransactionRolledBackException) {
            return new TransactionRolledBackRuntimeException(message, code, e);
        }
        return new JMSRuntimeException(message, code, e);
    }
}
