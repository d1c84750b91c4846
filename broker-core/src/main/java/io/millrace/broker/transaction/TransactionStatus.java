// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import org.jspecify.annotations.Nullable;

/**
 * Where a transaction stands.
 *
 * <pre>
 *   EMPTY --partition added--> ONGOING --commit--> PREPARE_COMMIT --all markers written--> COMPLETE_COMMIT
 *     |                          |
 *     |                          +--abort, time-out, another producer--> PREPARE_ABORT --> COMPLETE_ABORT
 *     +--abort (version 2)--------------------------------------------------^
 *   COMPLETE_* --partition added--> ONGOING, --abort (version 2)--> PREPARE_ABORT, --new producer--> EMPTY
 * </pre>
 */
public enum TransactionStatus {
    EMPTY(0, "Empty"),
    ONGOING(1, "Ongoing"),
    PREPARE_COMMIT(2, "PrepareCommit"),
    PREPARE_ABORT(3, "PrepareAbort"),
    COMPLETE_COMMIT(4, "CompleteCommit"),
    COMPLETE_ABORT(5, "CompleteAbort");

    private final byte code;
    private final String kafkaName;

    TransactionStatus(int code, String kafkaName) {
        this.code = (byte) code;
        this.kafkaName = kafkaName;
    }

    byte code() {
        return code;
    }

    /** The name that Kafka's tools show. */
    public String kafkaName() {
        return kafkaName;
    }

    /** Whether {@code next} may follow. */
    boolean allows(TransactionStatus next) {
        return switch (next) {
            case EMPTY -> this == EMPTY || isComplete();
            case ONGOING -> this == EMPTY || this == ONGOING || isComplete();
            case PREPARE_COMMIT -> this == ONGOING;
            case PREPARE_ABORT -> this == ONGOING || this == EMPTY || isComplete();
            case COMPLETE_COMMIT -> this == PREPARE_COMMIT;
            case COMPLETE_ABORT -> this == PREPARE_ABORT;
        };
    }

    /** Decided, and markers are being written. */
    boolean isPrepared() {
        return this == PREPARE_COMMIT || this == PREPARE_ABORT;
    }

    boolean isComplete() {
        return this == COMPLETE_COMMIT || this == COMPLETE_ABORT;
    }

    static TransactionStatus forCode(byte code) {
        for (TransactionStatus status : values()) {
            if (status.code == code) {
                return status;
            }
        }
        throw new IllegalArgumentException("transaction record has the unknown status " + code);
    }

    /** The status of this name, or {@code null}. */
    public static @Nullable TransactionStatus forKafkaName(String name) {
        for (TransactionStatus status : values()) {
            if (status.kafkaName.equals(name)) {
                return status;
            }
        }
        return null;
    }
}
