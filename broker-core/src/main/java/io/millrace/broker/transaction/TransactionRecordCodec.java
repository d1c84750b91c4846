// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.group.FieldReader;
import io.millrace.broker.group.FieldWriter;
import io.millrace.broker.record.PartitionId;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bytes of the coordinator's records; each replaces what is known of its transactional id. Big-endian; {@code str} is an
 * i32 length and that many bytes (UTF-8), {@code uuid} two i64.
 *
 * <pre>
 *   every record  u8 version = 1 | u8 type | str transactionalId
 *   1 State       i64 producerId | i32 epoch | i64 previousProducerId | i64 nextProducerId | i32 lastEpoch
 *                 | i32 timeoutMs | u8 status | u8 clientVersion | i64 startMs | i64 updateMs
 *                 | i32 n | n x (uuid topic | str name | i32 partition)
 *   2 Removed
 * </pre>
 */
final class TransactionRecordCodec {
    private static final byte VERSION = 1;
    private static final byte STATE = 1;
    private static final byte REMOVED = 2;
    private static final int MIN_PARTITION_BYTES = 2 * Long.BYTES + 2 * Integer.BYTES;

    private TransactionRecordCodec() {}

    /** A record that was read; without {@code state} the id was removed. */
    record Decoded(String transactionalId, @Nullable Transaction state) {}

    /** The bytes of a state; the caller owns the buffer. */
    static ByteBuf encode(Transaction state, ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.buffer(256);
        FieldWriter out = new FieldWriter(buffer.writeByte(VERSION).writeByte(STATE));
        out.string(state.id());
        out.int64(state.producer().id());
        out.int32(state.producer().epoch());
        out.int64(state.previousProducerId());
        out.int64(state.nextProducerId());
        out.int32(state.lastEpoch());
        out.int32(state.timeoutMs());
        buffer.writeByte(state.status().code()).writeByte(state.version());
        out.int64(state.startMs());
        out.int64(state.updateMs());
        out.int32(state.partitions().size());
        for (PartitionId partition : state.partitions()) {
            out.uuid(partition.topicId());
            out.string(partition.topic());
            out.int32(partition.partition());
        }
        return buffer;
    }

    /** The bytes of a removal; the caller owns the buffer. */
    static ByteBuf encodeRemoved(String transactionalId, ByteBufAllocator allocator) {
        ByteBuf buffer = allocator.buffer(64);
        new FieldWriter(buffer.writeByte(VERSION).writeByte(REMOVED)).string(transactionalId);
        return buffer;
    }

    /**
     * Reads one record.
     *
     * @throws IllegalArgumentException where the bytes are not one whole record of a known version and type
     */
    static Decoded decode(ByteBuf buffer) {
        FieldReader in = new FieldReader(buffer);
        byte version = in.int8();
        if (version != VERSION) {
            throw new IllegalArgumentException("transaction record has version " + version + ", this broker reads "
                    + VERSION + ": use a newer broker");
        }
        byte type = in.int8();
        if (type != STATE && type != REMOVED) {
            throw new IllegalArgumentException("transaction record has the unknown type " + type);
        }
        String id = in.string();
        Transaction state = type == REMOVED ? null : readState(id, in);
        in.requireEnd();
        return new Decoded(id, state);
    }

    private static Transaction readState(String id, FieldReader in) {
        ProducerIdentity producer = new ProducerIdentity(in.int64(), (short) in.int32());
        long previous = in.int64();
        long next = in.int64();
        short lastEpoch = (short) in.int32();
        int timeoutMs = in.int32();
        TransactionStatus status = TransactionStatus.forCode(in.int8());
        int clientVersion = in.int8();
        long startMs = in.int64();
        long updateMs = in.int64();
        int count = in.count(MIN_PARTITION_BYTES);
        Set<PartitionId> partitions = new LinkedHashSet<>();
        for (int i = 0; i < count; i++) {
            partitions.add(new PartitionId(in.uuid(), in.string(), in.int32()));
        }
        return new Transaction(
                id,
                producer,
                previous,
                next,
                lastEpoch,
                timeoutMs,
                status,
                partitions,
                startMs,
                updateMs,
                clientVersion);
    }
}
