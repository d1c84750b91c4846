// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import java.util.concurrent.CompletableFuture;

/**
 * A record that was acquired for a receiver.
 *
 * @param receiver for whom
 * @param link where to acknowledge it
 * @param sessionEpoch the session epoch it was acquired in
 * @param partition where it is
 * @param offset where it is
 * @param lease under which it is held
 * @param earlierDeliveries how often the application received it before
 * @param redelivered whether it may have been received before
 * @param record what it says
 * @param bytes how many it was on the wire
 */
record Delivery(
        Receiver receiver,
        SessionLink link,
        int sessionEpoch,
        int partition,
        long offset,
        long lease,
        int earlierDeliveries,
        boolean redelivered,
        JmsRecord record,
        int bytes) {

    Acknowledgement acknowledgement(AckType type) {
        return new Acknowledgement(receiver.id(), partition, offset, offset, lease, type);
    }

    Delivery flagged() {
        return new Delivery(
                receiver, link, sessionEpoch, partition, offset, lease, earlierDeliveries, true, record, bytes);
    }

    /** Queues the acknowledgement for a ride. */
    void settle(AckType type) {
        link.add(acknowledgement(type));
    }

    /** Sends an accept at once; completes when it is durable, exceptionally when that is not known. */
    CompletableFuture<?> acceptDurably() {
        return link.addAwaited(acknowledgement(AckType.ACCEPT));
    }

    /** Queues an accept, in place of a receipt that has not left yet. */
    void acceptReceived() {
        link.addInPlaceOfReceipt(acknowledgement(AckType.ACCEPT));
    }

    /** Queues an accept that may wait for a ride. */
    void acceptLazily() {
        link.addLazily(acknowledgement(AckType.ACCEPT));
    }

    boolean isExpired(long nowMs) {
        return record.expirationMs() != 0 && record.expirationMs() <= nowMs;
    }
}
