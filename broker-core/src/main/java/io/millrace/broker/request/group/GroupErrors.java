// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.group.GroupError;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.request.KafkaErrors;
import org.apache.kafka.common.protocol.Errors;

/** Short ways to {@link KafkaErrors} for the group handlers. */
final class GroupErrors {
    private GroupErrors() {}

    static short code(GroupError error) {
        return KafkaErrors.of(error).code();
    }

    /** Of a command that failed as a whole; a partition that was lost meanwhile means another coordinator. */
    static Errors of(Throwable failure) {
        boolean lost = Completions.unwrap(failure) instanceof BrokerException cause && cause.code() == Code.NOT_LEADER;
        return lost ? Errors.NOT_COORDINATOR : KafkaErrors.of(failure);
    }

    static short code(Throwable failure) {
        return of(failure).code();
    }

    static String message(Throwable failure) {
        return String.valueOf(Completions.unwrap(failure).getMessage());
    }
}
