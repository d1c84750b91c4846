// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.RecordsSend;

/** Record batches in a Netty buffer, in the place where generated messages carry records. */
record ByteBufRecords(ByteBuf buffer) implements BaseRecords {
    @Override
    public int sizeInBytes() {
        return buffer.readableBytes();
    }

    @Override
    public RecordsSend<? extends BaseRecords> toSend() {
        throw new IllegalStateException(
                "Millrace's encoders write the buffer themselves; Kafka's network layer is not used");
    }
}
