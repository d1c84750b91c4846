// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * The outcome of a Millrace request. The wire carries {@link #id()}; ids are never reused.
 *
 * <p>The JMS client translates a code to a {@code JMSException} subclass in one place, the broker translates its
 * exceptions to a code in one place.
 */
public enum ErrorCode {
    NONE(0),
    /** The request could not be decoded or breaks a rule of the protocol. The connection is closed after the answer. */
    BAD_REQUEST(1),
    /** No such destination, or its name is not a legal topic name. */
    INVALID_DESTINATION(2),
    /** The destination is a queue and was opened as a topic, or the other way round. */
    WRONG_DESTINATION_KIND(3),
    /** The broker does not have the feature that the request needs; the message names it. */
    UNSUPPORTED_FEATURE(4),
    /** The acknowledgement quotes a lease that ended: the record went back and may be with another consumer. */
    STALE_LEASE(5),
    /** The session was recovered since: the answer belongs to an earlier session epoch. */
    STALE_SESSION_EPOCH(6),
    /** This broker does not lead the partition; look the destination up again. */
    NOT_LEADER(7),
    /** No such session or consumer on this connection. */
    UNKNOWN_CONSUMER(8),
    /** The store refused the append; nothing of the request took effect. The partition is offline until it recovers. */
    STORAGE_FAILED(9),
    /** The bundle was refused as a whole; nothing of it took effect. */
    TRANSACTION_ABORTED(10),
    /** A record or bundle is larger than the broker accepts. */
    TOO_LARGE(11),
    /** The client id or subscription is in use by another connection. */
    IN_USE(12),
    /** The broker is stopping or not yet ready; try again. */
    UNAVAILABLE(13),
    /** A defect of the broker; its log has the details. */
    INTERNAL(14),
    /** The broker wants a user name and a password, or they are wrong. */
    NOT_AUTHENTICATED(15),
    /** The user may not do this; the message names the operation and the resource. */
    NOT_AUTHORIZED(16),
    /** A destination in memory is full: nothing was taken. Receive from it, or try later. */
    DESTINATION_FULL(17),
    /** The message selector is not well formed; the message says where. */
    INVALID_SELECTOR(18),
    /** The broker has no such branch of a distributed transaction. */
    UNKNOWN_BRANCH(19),
    /** The branch is known already, with another bundle. */
    DUPLICATE_BRANCH(20),
    /** The branch is not in a state in which this could be done. */
    WRONG_BRANCH_STATE(21);

    private static final ErrorCode[] BY_ID = values();

    private final short id;

    ErrorCode(int id) {
        this.id = (short) id;
    }

    public short id() {
        return id;
    }

    /** The code with this id; an id from a newer peer reads as {@link #INTERNAL}. */
    public static ErrorCode forId(short id) {
        return id >= 0 && id < BY_ID.length ? BY_ID[id] : INTERNAL;
    }
}
