// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.protocol.kafka.DecodedRequest;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** One request and its answer. On the connection's network loop only. */
final class Exchange {
    private final DecodedRequest request;
    private final int bytes;
    private final boolean ordered;
    private @Nullable ByteBuf frame;
    private boolean done;

    Exchange(DecodedRequest request, int bytes, boolean ordered) {
        this.request = request;
        this.bytes = bytes;
        this.ordered = ordered;
    }

    DecodedRequest request() {
        return request;
    }

    /** Size of the request's frame. */
    int bytes() {
        return bytes;
    }

    /** Whether the answer waits for those of earlier requests. */
    boolean isOrdered() {
        return ordered;
    }

    boolean isDone() {
        return done;
    }

    /** @param answer the encoded answer, or {@code null} when nothing is answered */
    void complete(@Nullable ByteBuf answer) {
        done = true;
        frame = answer;
    }

    /** The answer, handed over; {@code null} when there is none. */
    @Nullable
    ByteBuf takeFrame() {
        ByteBuf taken = frame;
        frame = null;
        return taken;
    }
}
