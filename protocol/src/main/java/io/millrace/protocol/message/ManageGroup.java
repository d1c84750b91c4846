// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * An operator's action on a queue or subscription, on all its partitions that this broker serves. Needs no {@link
 * Connect}. Answered once it is durable.
 *
 * @param destination the queue or topic
 * @param kind what kind of group
 * @param name the subscription's name; the destination's for a queue
 * @param action what to do
 * @param target for {@link Action#MOVE}: the queue to move to; else empty
 * @param startAtMs for {@link Action#RESET}: {@link #EARLIEST}, {@link #LATEST}, or a time in milliseconds since the
 *     epoch; else 0
 */
public record ManageGroup(
        String destination, SubscriptionKind kind, String name, Action action, String target, long startAtMs)
        implements MillraceRequest {
    public static final long EARLIEST = -2;
    public static final long LATEST = -1;

    /** What can be done. */
    public enum Action {
        /** Delivery stands still, also after a restart; sending goes on. */
        PAUSE,
        RESUME,
        /** Drops what waits, delayed messages too; what consumers have stays theirs. */
        PURGE,
        /** Moves what waits to another queue; delayed messages stay. */
        MOVE,
        /** Moves dead letters that came from queues back there. */
        RETRY,
        /** Begins anew at an offset; what consumers have is not theirs any more. */
        RESET,
        /** Deletes a durable subscription that has no consumer, with what it collected. */
        DELETE
    }

    @Override
    public MillraceApi api() {
        return MillraceApi.MANAGE_GROUP;
    }

    /** @param count how many messages were purged or moved; else 0 */
    public record Response(Status status, long count) implements MillraceResponse {}
}
