// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import org.jspecify.annotations.Nullable;

/**
 * What differs between kinds of groups on the one engine. Pure; asked on the partition's owner loop and, where the
 * method says so, on the threads that look records over.
 *
 * <p><b>Another kind of group</b> (KIP-932's share groups) is an implementation of this interface, handed to the {@link
 * DeliveryGroup}. Its members acquire by offering a {@link PullTicket} to the group, which needs no {@link Link}: any
 * {@link Holder} that no link uses names the member, the ticket's listener hears of the acquired records, and {@link
 * DeliveryGroup#settle}, {@link DeliveryGroup#closeMember} and {@link InFlight#where} do the rest. Lock
 * time-outs are such a group's own: it returns what a holder kept too long with {@link DeliveryGroup#giveBack}.
 */
interface DeliveryRules {
    /** Whether a record that the consumers' filter passes over is final (a topic subscription) or left to others. */
    boolean dropsUnmatched();

    /** Whether records of one JMSXGroupID go to one consumer at a time. */
    boolean keepsMessageGroups();

    /**
     * Whether priority, delivery time and expiration are heeded; else every record is like a Kafka producer's. Any
     * thread.
     */
    boolean heedsMessageFields();

    /** Whether the delivery count rises when a record is acquired, and acquired means received (KIP-932). */
    boolean countsAtAcquisition();

    /** What becomes of a record that goes back; {@code acquired} as it was in flight. */
    Fate onReturn(Acquired acquired, long nowMs);

    /** How a record in flight dies; {@code null} when it is final at once instead of being moved. */
    @Nullable
    Death death(Death.Reason reason, Acquired acquired);

    /** Whether a record that expires while it is available is moved elsewhere first; else it is final at once. */
    boolean movesExpired();
}
