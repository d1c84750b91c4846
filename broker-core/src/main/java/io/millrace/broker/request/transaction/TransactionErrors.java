// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.transaction;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.request.KafkaErrors;
import org.apache.kafka.common.protocol.Errors;

/** Short ways to {@link KafkaErrors} for the transaction handlers. */
final class TransactionErrors {
    private static final short FIRST_VERSION_WITH_FENCED = 2;

    private TransactionErrors() {}

    /** Of a command that failed; a partition that was lost meanwhile means another coordinator. */
    static Errors of(Throwable failure) {
        boolean lost = Completions.unwrap(failure) instanceof BrokerException cause && cause.code() == Code.NOT_LEADER;
        return lost ? Errors.NOT_COORDINATOR : KafkaErrors.of(failure);
    }

    /** As {@link #of}, to a client whose version may not know of fencing. */
    static Errors of(Throwable failure, short version) {
        Errors error = of(failure);
        return error == Errors.PRODUCER_FENCED && version < FIRST_VERSION_WITH_FENCED
                ? Errors.INVALID_PRODUCER_EPOCH
                : error;
    }
}
