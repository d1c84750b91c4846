// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Opens a consumer. Answered once the start offset is fixed on every partition named.
 *
 * @param sessionId the JMS session, chosen by the client, unique on the connection
 * @param consumerId chosen by the client, unique on the connection
 * @param kind what it reads through
 * @param subscription the subscription's name; empty for a queue and for an unshared non-durable one
 * @param destination the destination's name
 * @param partitions the partitions this broker leads
 * @param selector a message selector, or {@code null}
 * @param noLocal whether messages are hidden that were sent by this connection, or by any with its client id
 * @param startAtMs where a subscription that does not exist yet starts: {@link #AT_DEFAULT}, {@link #AT_EARLIEST}, or at
 *     the first record whose timestamp is at or after this time, milliseconds since the epoch
 * @param redelivery what becomes of messages that come back from this consumer
 */
public record Subscribe(
        long sessionId,
        long consumerId,
        SubscriptionKind kind,
        String subscription,
        String destination,
        List<Integer> partitions,
        @Nullable String selector,
        boolean noLocal,
        long startAtMs,
        Redelivery redelivery)
        implements MillraceRequest {
    /** A queue's group starts at the earliest record, a topic subscription behind the latest. */
    public static final long AT_DEFAULT = -1;

    public static final long AT_EARLIEST = -2;

    /** Without wishes for what comes back. */
    public Subscribe(
            long sessionId,
            long consumerId,
            SubscriptionKind kind,
            String subscription,
            String destination,
            List<Integer> partitions,
            @Nullable String selector,
            boolean noLocal,
            long startAtMs) {
        this(
                sessionId,
                consumerId,
                kind,
                subscription,
                destination,
                partitions,
                selector,
                noLocal,
                startAtMs,
                Redelivery.OF_DESTINATION);
    }

    @Override
    public MillraceApi api() {
        return MillraceApi.SUBSCRIBE;
    }
}
