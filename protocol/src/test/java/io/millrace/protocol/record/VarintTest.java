// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import org.apache.kafka.common.utils.internals.ByteUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VarintTest {
    @ParameterizedTest
    @ValueSource(
            longs = {
                0,
                1,
                -1,
                63,
                64,
                -64,
                -65,
                8191,
                8192,
                Integer.MAX_VALUE,
                Integer.MIN_VALUE,
                Long.MAX_VALUE,
                Long.MIN_VALUE
            })
    void writesWhatKafkaWrites(long value) {
        ByteBuffer kafka = ByteBuffer.allocate(10);
        ByteUtils.writeVarlong(value, kafka);
        ByteBuf ours = Unpooled.buffer();

        Varint.write(ours, value);

        assertEquals(Unpooled.wrappedBuffer(kafka.flip()), ours);
        assertEquals(ours.readableBytes(), Varint.size(value));
        assertEquals(value, Varint.readLong(ours));
    }

    @Test
    void refusesAnIntThatTakesMoreThan32Bits() {
        ByteBuf buffer = Unpooled.buffer();
        Varint.write(buffer, 1L << 40);

        assertThrows(InvalidBatchException.class, () -> Varint.read(buffer));
    }

    @Test
    void refusesElevenBytesAndAnEarlyEnd() {
        ByteBuf endless = Unpooled.wrappedBuffer(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1});
        ByteBuf cut = Unpooled.wrappedBuffer(new byte[] {-1});

        assertThrows(InvalidBatchException.class, () -> Varint.readLong(endless));
        assertThrows(InvalidBatchException.class, () -> Varint.readLong(cut));
    }
}
