// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.delivery.ShareException;
import io.millrace.broker.group.GroupError;
import io.millrace.broker.group.GroupException;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.transaction.TransactionException;
import org.apache.kafka.common.protocol.Errors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one place where exceptions become Kafka error codes. */
public final class KafkaErrors {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaErrors.class);

    private KafkaErrors() {}

    /** The code for a failure; one that is a defect of the broker is logged and becomes UNKNOWN_SERVER_ERROR. */
    public static Errors of(Throwable failure) {
        Throwable cause = Completions.unwrap(failure);
        if (cause instanceof BrokerException broker) {
            return of(broker);
        }
        if (cause instanceof RefusedException refused) {
            return refused.error();
        }
        if (cause instanceof GroupException group) {
            return of(group.error());
        }
        if (cause instanceof TransactionException transaction) {
            return Errors.valueOf(transaction.error().name());
        }
        if (cause instanceof ShareException share) {
            return Errors.valueOf(share.code().name());
        }
        if (cause instanceof ClusterException cluster) {
            return switch (cluster.reason()) {
                case TOPIC_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
                case UNKNOWN_TOPIC -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
                case VERSION_CONFLICT -> Errors.INVALID_UPDATE_VERSION;
                case NOT_OWNER -> Errors.NOT_LEADER_OR_FOLLOWER;
                case CLIENT_ID_IN_USE -> Errors.INVALID_REQUEST;
                case BROKER_ID_IN_USE -> Errors.BROKER_ID_NOT_REGISTERED;
                case UNAVAILABLE -> Errors.COORDINATOR_NOT_AVAILABLE;
            };
        }
        if (cause instanceof StorageException) {
            return Errors.KAFKA_STORAGE_ERROR;
        }
        LOG.error("A request failed by a defect of the broker", cause);
        return Errors.UNKNOWN_SERVER_ERROR;
    }

    /** Each group error has the name of its Kafka error. */
    public static Errors of(GroupError error) {
        return Errors.valueOf(error.name());
    }

    private static Errors of(BrokerException failure) {
        return switch (failure.code()) {
            case NOT_LEADER -> Errors.NOT_LEADER_OR_FOLLOWER;
            case UNKNOWN_TOPIC -> Errors.UNKNOWN_TOPIC_OR_PARTITION;
            case UNKNOWN_TOPIC_ID -> Errors.UNKNOWN_TOPIC_ID;
            case TOPIC_EXISTS -> Errors.TOPIC_ALREADY_EXISTS;
            case INVALID_TOPIC_NAME -> Errors.INVALID_TOPIC_EXCEPTION;
            case INVALID_PARTITIONS -> Errors.INVALID_PARTITIONS;
            case INVALID_CONFIG -> Errors.INVALID_CONFIG;
            case CORRUPT_RECORD -> Errors.CORRUPT_MESSAGE;
            case INVALID_RECORD -> Errors.INVALID_RECORD;
            case UNSUPPORTED_FORMAT -> Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT;
            case RECORD_TOO_LARGE -> Errors.MESSAGE_TOO_LARGE;
            case FULL -> Errors.THROTTLING_QUOTA_EXCEEDED;
            case INVALID_TIMESTAMP -> Errors.INVALID_TIMESTAMP;
            case OUT_OF_ORDER_SEQUENCE -> Errors.OUT_OF_ORDER_SEQUENCE_NUMBER;
            case INVALID_PRODUCER_EPOCH -> Errors.INVALID_PRODUCER_EPOCH;
            case UNKNOWN_PRODUCER_ID -> Errors.UNKNOWN_PRODUCER_ID;
            case INVALID_TXN_STATE -> Errors.INVALID_TXN_STATE;
            case COORDINATOR_FENCED -> Errors.TRANSACTION_COORDINATOR_FENCED;
            case OFFSET_OUT_OF_RANGE -> Errors.OFFSET_OUT_OF_RANGE;
            case FENCED_LEADER_EPOCH -> Errors.FENCED_LEADER_EPOCH;
            case UNKNOWN_LEADER_EPOCH -> Errors.UNKNOWN_LEADER_EPOCH;
            case STORAGE_FAILED -> Errors.KAFKA_STORAGE_ERROR;
            case UNAVAILABLE -> Errors.COORDINATOR_NOT_AVAILABLE;
            case UNSUPPORTED -> Errors.INVALID_REQUEST;
            case INTERNAL -> internal(failure);
        };
    }

    private static Errors internal(BrokerException failure) {
        LOG.error("A request failed by a defect of the broker", failure);
        return Errors.UNKNOWN_SERVER_ERROR;
    }
}
