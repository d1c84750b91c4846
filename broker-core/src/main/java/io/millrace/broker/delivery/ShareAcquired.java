// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.List;

/**
 * Records that a share group's member holds from now on.
 *
 * @param batches whole record batches as they lie in the log, with more records than are acquired; owned by whoever has
 *     this
 * @param ranges the acquired offsets, in order; empty when there was nothing
 */
public record ShareAcquired(ByteBuf batches, List<Range> ranges) {
    public static final ShareAcquired NOTHING = new ShareAcquired(Unpooled.EMPTY_BUFFER, List.of());

    public ShareAcquired {
        ranges = List.copyOf(ranges);
    }

    /**
     * Offsets of one history.
     *
     * @param deliveryCount how often they were delivered, this time included
     */
    public record Range(long first, long last, int deliveryCount) {
        public long count() {
            return last - first + 1;
        }
    }

    /** How many offsets are acquired. */
    public long count() {
        return ranges.stream().mapToLong(Range::count).sum();
    }
}
