// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.memory;

import io.millrace.broker.storage.LogAppend;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;

/** What one append adds to one log, copied out of the caller's buffers. */
record PendingPart(InMemoryLog log, ByteBuf data, long lastOffset, ByteBuf state, boolean stateIsSnapshot) {

    /** Takes over the references of {@code append}. */
    static PendingPart consume(LogAppend append) {
        return new PendingPart(
                (InMemoryLog) append.log(),
                copy(append.data()),
                append.lastOffset(),
                copy(append.state()),
                append.stateIsSnapshot());
    }

    void makeDurable() {
        log.stored().add(this);
    }

    private static ByteBuf copy(ByteBuf buffer) {
        if (buffer == null) {
            return null;
        }
        try {
            return Unpooled.wrappedBuffer(ByteBufUtil.getBytes(buffer));
        } finally {
            buffer.release();
        }
    }
}
