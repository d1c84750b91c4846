// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.storage.Urgency;
import io.netty.buffer.ByteBuf;
import java.util.List;

/**
 * One atomic append to one partition. Whoever is handed it owns one reference of each buffer.
 *
 * @param batches v2 record batches in order, found right by {@link ClientRecords}, each buffer holding one or several whole batches with the producer's own
 *     offsets; rewritten in place
 * @param state records for the partition's state machines, replayed at append
 * @param origin whose batches these are
 * @param urgency whether somebody waits for it to be durable
 */
public record Append(List<ByteBuf> batches, List<StateRecord> state, Origin origin, Urgency urgency) {

    /** Who made the batches. */
    public enum Origin {
        /** A client: control batches are refused, sequences are checked. */
        CLIENT,
        /** A transactional producer whose transaction's coordinator knows of the partition; else as a client. */
        TRANSACTION,
        /** A transaction coordinator: one marker. */
        COORDINATOR,
        /** The broker itself. */
        BROKER;

        /** Whether the batches are a producer's own: its sequences and timestamps are checked. */
        boolean isProducer() {
            return this == CLIENT || this == TRANSACTION;
        }
    }

    public Append {
        batches = List.copyOf(batches);
        state = List.copyOf(state);
    }

    /** One that is awaited. */
    public Append(List<ByteBuf> batches, List<StateRecord> state, Origin origin) {
        this(batches, state, origin, Urgency.AWAITED);
    }

    public static Append ofClient(ByteBuf batches) {
        return new Append(List.of(batches), List.of(), Origin.CLIENT);
    }

    public static Append ofState(List<StateRecord> state) {
        return ofState(state, Urgency.AWAITED);
    }

    public static Append ofState(List<StateRecord> state, Urgency urgency) {
        return new Append(List.of(), state, Origin.BROKER, urgency);
    }

    /** Gives all buffers back. */
    public void release() {
        batches.forEach(ByteBuf::release);
        state.forEach(record -> record.payload().release());
    }
}
