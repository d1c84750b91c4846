// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Record batches as producers send them. */
public final class TestBatches {
    private TestBatches() {}

    /** A batch without producer id. */
    public static ByteBuf of(String... values) {
        return build(new BatchBuilder(ByteBufAllocator.DEFAULT), values);
    }

    /** A batch of an idempotent producer. */
    public static ByteBuf idempotent(long producerId, int epoch, int sequence, String... values) {
        return build(new BatchBuilder(ByteBufAllocator.DEFAULT).producer(producerId, (short) epoch, sequence), values);
    }

    private static ByteBuf build(BatchBuilder builder, String... values) {
        try (builder) {
            for (String value : values) {
                builder.add(1_700_000_000_000L, null, value.getBytes(StandardCharsets.UTF_8), List.of());
            }
            return builder.build();
        }
    }
}
