// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.jspecify.annotations.Nullable;

/** The record batches of a Produce request as a Netty buffer. */
public final class ProduceRecords {
    private ProduceRecords() {}

    /**
     * The batches, as they came, in the memory of the request's frame. Borrowed: it belongs to the request and ends
     * with {@link DecodedRequest#release()}; retain it to keep it longer.
     *
     * @return the buffer, or {@code null} when the client sent none
     */
    public static @Nullable ByteBuf buffer(PartitionProduceData partition) {
        return partition.records() instanceof ByteBufRecords records ? records.buffer() : null;
    }

    /** Sets the batches that a client sends; the message takes over the reference. */
    public static PartitionProduceData set(PartitionProduceData partition, ByteBuf batches) {
        return partition.setRecords(new ByteBufRecords(batches));
    }
}
