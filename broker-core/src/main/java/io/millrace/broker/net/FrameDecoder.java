// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import io.millrace.protocol.kafka.FrameCumulator;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.TooLongFrameException;
import java.nio.ByteOrder;
import java.util.function.BooleanSupplier;

/**
 * Cuts a connection's bytes into frames, owned by its network loop. A client that has not authenticated may only send
 * small ones, so that nobody unknown can make the broker hold much memory.
 */
final class FrameDecoder extends LengthFieldBasedFrameDecoder {
    /** As Kafka's {@code sasl.server.max.receive.size}. */
    static final int UNKNOWN_CLIENT_BYTES = 512 << 10;

    private final int maxBytes;
    private final BooleanSupplier admitted;

    /** @param admitted whether the client may send frames of {@code maxBytes} by now */
    FrameDecoder(int maxBytes, BooleanSupplier admitted) {
        super(maxBytes, 0, Integer.BYTES, 0, Integer.BYTES, true);
        this.maxBytes = maxBytes;
        this.admitted = admitted;
        setCumulator(new FrameCumulator());
    }

    @Override
    protected long getUnadjustedFrameLength(ByteBuf bytes, int offset, int length, ByteOrder order) {
        long frame = super.getUnadjustedFrameLength(bytes, offset, length, order);
        if (frame > UNKNOWN_CLIENT_BYTES && frame <= maxBytes && !admitted.getAsBoolean()) {
            bytes.skipBytes(bytes.readableBytes());
            throw new TooLongFrameException("A frame of " + frame + " bytes before the client authenticated; "
                    + UNKNOWN_CLIENT_BYTES + " are taken then");
        }
        return frame;
    }
}
