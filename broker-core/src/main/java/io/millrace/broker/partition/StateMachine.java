// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.TopicConfig;
import io.netty.buffer.ByteBuf;
import java.util.function.Consumer;

/**
 * Durable state that lives in a partition's STATE stream: compute the records, append them, replay them, answer. The
 * same {@link #replay} serves live traffic and recovery. Used on the partition's owner loop only.
 */
public interface StateMachine {

    /** The first byte of each of this machine's state records; unique among the machines of a partition. */
    byte tag();

    /**
     * Takes one record in, at append (later work sees it at once) or at recovery. Must not fail for a record this
     * machine computed.
     *
     * @param record the payload without tag; only valid during the call
     */
    void replay(ByteBuf record);

    /** Writes records that, replayed into a fresh machine, give the present state. */
    void snapshot(Consumer<StateRecord> writer);

    /** The lowest offset whose record this machine still needs: retention deletes none from there on. */
    default long retentionFloor(TopicConfig config) {
        return Long.MAX_VALUE;
    }

    /**
     * Where readers of committed records have to stop for this machine's sake, at most {@code highWatermark}. Any thread.
     */
    default long stable(long highWatermark) {
        return highWatermark;
    }

    /** Recovery is done and the partition serves. */
    default void onServing() {}

    /** Records up to {@code highWatermark} (exclusive) became durable. */
    default void onHighWatermark(long highWatermark) {}

    /** Ownership ended: drop everything; a fresh machine is made when the partition is acquired again. */
    default void onLost() {}
}
