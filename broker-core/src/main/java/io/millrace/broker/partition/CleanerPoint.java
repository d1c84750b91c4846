// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.function.Consumer;

/** Up to where a partition's log was compacted. One record: int64 first dirty offset. */
final class CleanerPoint implements StateMachine {
    static final byte TAG = 2;

    private long firstDirty;

    /** Below it each key was seen once by compaction; 0 when none has run. */
    long firstDirty() {
        return firstDirty;
    }

    static StateRecord at(long firstDirty) {
        return new StateRecord(
                TAG, PooledByteBufAllocator.DEFAULT.buffer(Long.BYTES).writeLong(firstDirty));
    }

    @Override
    public byte tag() {
        return TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        firstDirty = record.readLong();
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        if (firstDirty > 0) {
            writer.accept(at(firstDirty));
        }
    }
}
