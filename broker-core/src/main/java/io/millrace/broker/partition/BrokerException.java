// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The broker refuses or fails an operation. The code is translated at the boundaries only: to a Kafka error code, to
 * Millrace's {@code ErrorCode}. The message says what was wrong, where and what to do.
 */
public final class BrokerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why. */
    public enum Code {
        /** This broker does not serve the partition now; look the leader up again and retry. */
        NOT_LEADER,
        UNKNOWN_TOPIC,
        UNKNOWN_TOPIC_ID,
        TOPIC_EXISTS,
        INVALID_TOPIC_NAME,
        INVALID_PARTITIONS,
        INVALID_CONFIG,
        /** Bytes do not match their checksum. */
        CORRUPT_RECORD,
        /** A batch breaks a rule of the format. */
        INVALID_RECORD,
        /** Message format 0 or 1, or a codec the broker does not know. */
        UNSUPPORTED_FORMAT,
        RECORD_TOO_LARGE,
        /** A log in memory has no room for it. */
        FULL,
        /** A record timestamp lies too far ahead of the broker's clock. */
        INVALID_TIMESTAMP,
        OUT_OF_ORDER_SEQUENCE,
        INVALID_PRODUCER_EPOCH,
        UNKNOWN_PRODUCER_ID,
        /** The batch does not fit the producer's transaction. */
        INVALID_TXN_STATE,
        /** A transaction coordinator that another has taken over from. */
        COORDINATOR_FENCED,
        OFFSET_OUT_OF_RANGE,
        /** The peer knows an older leader epoch. */
        FENCED_LEADER_EPOCH,
        /** The peer knows a leader epoch this broker has not seen. */
        UNKNOWN_LEADER_EPOCH,
        /** The store failed: whether the work is durable is not known, the partition is being rebuilt. */
        STORAGE_FAILED,
        /** The broker is stopping or not connected to its cluster. */
        UNAVAILABLE,
        /** What was asked for is not offered; the message names it. */
        UNSUPPORTED,
        /** A defect of the broker; its log has the details. */
        INTERNAL
    }

    private final Code code;
    private final transient List<RecordError> recordErrors;

    public BrokerException(Code code, String message) {
        this(code, message, null, List.of());
    }

    public BrokerException(Code code, String message, @Nullable Throwable cause) {
        this(code, message, cause, List.of());
    }

    /** A refusal that lies in single records. */
    BrokerException(Code code, String message, List<RecordError> recordErrors) {
        this(code, message, null, recordErrors);
    }

    private BrokerException(Code code, String message, @Nullable Throwable cause, List<RecordError> recordErrors) {
        super(message, cause);
        this.code = code;
        this.recordErrors = List.copyOf(recordErrors);
    }

    public Code code() {
        return code;
    }

    /** The first records that the refusal lies in; empty when it lies in none of its own. */
    public List<RecordError> recordErrors() {
        return recordErrors;
    }

    /** @param index the record's place in what was to be appended, from 0 */
    public record RecordError(int index, String message) {}
}
