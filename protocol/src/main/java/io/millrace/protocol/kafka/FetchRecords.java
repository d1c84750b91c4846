// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.jspecify.annotations.Nullable;

/** The record batches of a Fetch or ShareFetch answer as a Netty buffer. */
public final class FetchRecords {
    private FetchRecords() {}

    /**
     * Sets the batches that are answered; the message takes over the reference, and the encoder gives it back once the
     * answer is written. Not copied to the heap. Where there is nothing to answer set an empty buffer, as Kafka does:
     * some clients do not expect null.
     */
    public static PartitionData set(PartitionData partition, ByteBuf batches) {
        return partition.setRecords(new ByteBufRecords(batches));
    }

    /** The batches of a decoded or not yet encoded answer, borrowed, or {@code null} when there are none. */
    public static @Nullable ByteBuf buffer(PartitionData partition) {
        return partition.records() instanceof ByteBufRecords records ? records.buffer() : null;
    }

    /** As {@link #set(PartitionData, ByteBuf)}, for a ShareFetch answer. */
    public static ShareFetchResponseData.PartitionData set(
            ShareFetchResponseData.PartitionData partition, ByteBuf batches) {
        return partition.setRecords(new ByteBufRecords(batches));
    }

    /** As {@link #buffer(PartitionData)}, of a ShareFetch answer. */
    public static @Nullable ByteBuf buffer(ShareFetchResponseData.PartitionData partition) {
        return partition.records() instanceof ByteBufRecords records ? records.buffer() : null;
    }
}
