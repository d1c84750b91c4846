// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.RecordHeader;
import io.millrace.protocol.record.RecordReader;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.List;

/** Sends messages and records through a real record batch. */
final class Records {
    private Records() {}

    static JmsRecord roundTrip(JmsRecord message, BodyType foreignType) {
        OutgoingRecord out = JmsRecordCodec.encode(message);
        return decode(out.timestampMs(), out.key(), out.value(), out.headers(), foreignType);
    }

    static JmsRecord decode(
            long timestampMs, byte[] key, byte[] value, List<RecordHeader> headers, BodyType foreignType) {
        ByteBuf batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)
                .add(timestampMs, key, value, headers)
                .build();
        try (RecordReader reader = RecordReader.ofBatch(UnpooledByteBufAllocator.DEFAULT, batch, 0, 1 << 20)) {
            return JmsRecordCodec.decode(reader.next(), foreignType);
        } finally {
            batch.release();
        }
    }
}
