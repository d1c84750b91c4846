// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupException;
import java.util.concurrent.CompletionException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one translator from group errors to Kafka's. */
final class GroupErrors {
    private static final Logger LOG = LoggerFactory.getLogger(GroupErrors.class);

    private GroupErrors() {}

    /** Each group error has the name of its Kafka error. */
    static Errors of(GroupError error) {
        return Errors.valueOf(error.name());
    }

    static short code(GroupError error) {
        return of(error).code();
    }

    /** Of a command that failed as a whole. */
    static Errors of(Throwable failure) {
        Throwable cause = unwrap(failure);
        if (cause instanceof GroupException known) {
            return of(known.error());
        }
        LOG.error("a group request failed; it is answered with UNKNOWN_SERVER_ERROR", cause);
        return Errors.UNKNOWN_SERVER_ERROR;
    }

    static short code(Throwable failure) {
        return of(failure).code();
    }

    static String message(Throwable failure) {
        return String.valueOf(unwrap(failure).getMessage());
    }

    private static Throwable unwrap(Throwable failure) {
        Throwable cause = failure.getCause();
        return failure instanceof CompletionException && cause != null ? cause : failure;
    }
}
