// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * One atomic append to one partition. Whoever is handed it owns one reference of each buffer.
 *
 * @param batches v2 record batches in order, found right by {@link ClientRecords}, each buffer holding one or several whole batches with the producer's own
 *     offsets; rewritten in place
 * @param state records for the partition's state machines, replayed at append
 * @param origin whose batches these are
 */
public record Append(List<ByteBuf> batches, List<StateRecord> state, Origin origin) {

    /** Who made the batches. */
    public enum Origin {
        /** A client: control batches are refused, sequences are checked. */
        CLIENT,
        /** The broker itself. */
        BROKER
    }

    public Append {
        batches = List.copyOf(batches);
        state = List.copyOf(state);
    }

    public static Append ofClient(ByteBuf batches) {
        return new Append(List.of(batches), List.of(), Origin.CLIENT);
    }

    public static Append ofState(List<StateRecord> state) {
        return new Append(List.of(), state, Origin.BROKER);
    }

    /** Gives all buffers back. */
    public void release() {
        batches.forEach(ByteBuf::release);
        state.forEach(record -> record.payload().release());
    }
}
