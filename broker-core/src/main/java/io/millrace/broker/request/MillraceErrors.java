// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.delivery.DeliveryException;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.storage.StorageException;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Status;
import io.millrace.protocol.record.InvalidBatchException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where exceptions become the outcome of a Millrace request. */
final class MillraceErrors {
    private static final Logger LOG = LoggerFactory.getLogger(MillraceErrors.class);

    private MillraceErrors() {}

    /** The status for a failure; one that is a defect of the broker is logged and becomes INTERNAL. */
    static Status status(Throwable failure) {
        Throwable cause = Completions.unwrap(failure);
        String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
        if (cause instanceof DeliveryException refused) {
            return Status.of(refused.code(), message);
        }
        if (cause instanceof BrokerException broker && broker.code() != BrokerException.Code.INTERNAL) {
            return Status.of(of(broker), message);
        }
        if (cause instanceof ClusterException cluster) {
            return Status.of(of(cluster), message);
        }
        if (cause instanceof StorageException) {
            return Status.of(ErrorCode.STORAGE_FAILED, message);
        }
        if (cause instanceof InvalidBatchException) {
            return Status.of(ErrorCode.BAD_REQUEST, message);
        }
        LOG.error("A JMS request failed by a defect of the broker", cause);
        return Status.of(ErrorCode.INTERNAL, "The broker failed; its log has the details");
    }

    private static ErrorCode of(BrokerException failure) {
        return switch (failure.code()) {
            case NOT_LEADER, FENCED_LEADER_EPOCH, UNKNOWN_LEADER_EPOCH -> ErrorCode.NOT_LEADER;
            case UNKNOWN_TOPIC, UNKNOWN_TOPIC_ID, TOPIC_EXISTS, INVALID_TOPIC_NAME, INVALID_PARTITIONS ->
                ErrorCode.INVALID_DESTINATION;
            case INVALID_CONFIG,
                    CORRUPT_RECORD,
                    INVALID_RECORD,
                    INVALID_TIMESTAMP,
                    UNSUPPORTED_FORMAT,
                    OUT_OF_ORDER_SEQUENCE,
                    INVALID_PRODUCER_EPOCH,
                    UNKNOWN_PRODUCER_ID,
                    INVALID_TXN_STATE,
                    COORDINATOR_FENCED -> ErrorCode.BAD_REQUEST;
            case RECORD_TOO_LARGE -> ErrorCode.TOO_LARGE;
            case FULL -> ErrorCode.DESTINATION_FULL;
            case OFFSET_OUT_OF_RANGE, UNAVAILABLE -> ErrorCode.UNAVAILABLE;
            case STORAGE_FAILED -> ErrorCode.STORAGE_FAILED;
            case UNSUPPORTED -> ErrorCode.UNSUPPORTED_FEATURE;
            case INTERNAL -> ErrorCode.INTERNAL;
        };
    }

    private static ErrorCode of(ClusterException failure) {
        return switch (failure.reason()) {
            case TOPIC_EXISTS, UNKNOWN_TOPIC -> ErrorCode.INVALID_DESTINATION;
            case NOT_OWNER -> ErrorCode.NOT_LEADER;
            case CLIENT_ID_IN_USE -> ErrorCode.IN_USE;
            case VERSION_CONFLICT, BROKER_ID_IN_USE, UNAVAILABLE -> ErrorCode.UNAVAILABLE;
        };
    }
}
