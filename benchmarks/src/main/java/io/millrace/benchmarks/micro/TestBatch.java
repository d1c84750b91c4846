// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.micro;

import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.Random;

/** A batch as a stock producer with default settings sends it: 15 records of 1 KiB. */
final class TestBatch {
    static final int RECORDS = 15;
    private static final byte[] VALUE = new byte[1024];

    static {
        new Random(1).nextBytes(VALUE);
    }

    private TestBatch() {}

    /** The caller releases it. */
    static ByteBuf of(long baseOffset) {
        try (BatchBuilder builder = new BatchBuilder(PooledByteBufAllocator.DEFAULT)) {
            for (int i = 0; i < RECORDS; i++) {
                builder.add(1, null, VALUE, List.of());
            }
            return builder.build().setLong(0, baseOffset);
        }
    }
}
