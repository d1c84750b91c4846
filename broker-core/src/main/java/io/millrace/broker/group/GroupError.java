// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/** What can go wrong with a group; {@code request} translates each to the Kafka error code of the same name. */
public enum GroupError {
    NONE,
    /** The group's partition is being recovered; the client tries again. */
    COORDINATOR_LOAD_IN_PROGRESS,
    /** The group's partition cannot be served now; the client looks the coordinator up again. */
    COORDINATOR_NOT_AVAILABLE,
    /** Another broker owns the group's partition. */
    NOT_COORDINATOR,
    INVALID_GROUP_ID,
    INVALID_SESSION_TIMEOUT,
    INCONSISTENT_GROUP_PROTOCOL,
    UNKNOWN_MEMBER_ID,
    ILLEGAL_GENERATION,
    REBALANCE_IN_PROGRESS,
    /** The first join of a dynamic member: join again with the id in the answer (KIP-394). */
    MEMBER_ID_REQUIRED,
    /** Another member joined with the same group.instance.id since (KIP-345). */
    FENCED_INSTANCE_ID,
    GROUP_MAX_SIZE_REACHED,
    NON_EMPTY_GROUP,
    GROUP_ID_NOT_FOUND,
    OFFSET_METADATA_TOO_LARGE,
    UNKNOWN_TOPIC_OR_PARTITION,
    UNKNOWN_TOPIC_ID,
    /** A consumer group's member has an epoch that is not the present one and must join again (KIP-848). */
    FENCED_MEMBER_EPOCH,
    /** An offset is committed or read with an epoch that is not the present one; the member tries again. */
    STALE_MEMBER_EPOCH,
    /** Another member has this group.instance.id and has not left (KIP-848). */
    UNRELEASED_INSTANCE_ID,
    UNSUPPORTED_ASSIGNOR,
    INVALID_REGULAR_EXPRESSION,
    GROUP_SUBSCRIBED_TO_TOPIC,
    /** The transaction that offsets were sent in has ended meanwhile. */
    INVALID_TXN_STATE
}
