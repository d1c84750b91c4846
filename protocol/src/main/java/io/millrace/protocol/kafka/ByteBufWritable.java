// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.CompositeByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.protocol.Writable;
import org.apache.kafka.common.record.internal.BaseRecords;

/**
 * Kafka's writer over a Netty buffer. Records of at least {@value #COMPONENT_BYTES} bytes are not copied but become
 * components of the result, written to the socket with a gathering write; smaller ones are copied buffer to buffer,
 * which costs less than a component.
 */
final class ByteBufWritable implements Writable {
    static final int COMPONENT_BYTES = 4096;

    private final ByteBuf buffer;
    private final List<Cut> cuts = new ArrayList<>();
    private int componentBytes;

    ByteBufWritable(ByteBuf buffer) {
        this.buffer = buffer;
    }

    /** Records that belong into the result before byte {@code position} of the buffer. */
    private record Cut(int position, ByteBuf records) {}

    @Override
    public void writeByte(byte value) {
        buffer.writeByte(value);
    }

    @Override
    public void writeShort(short value) {
        buffer.writeShort(value);
    }

    @Override
    public void writeInt(int value) {
        buffer.writeInt(value);
    }

    @Override
    public void writeLong(long value) {
        buffer.writeLong(value);
    }

    @Override
    public void writeDouble(double value) {
        buffer.writeDouble(value);
    }

    @Override
    public void writeByteArray(byte[] value) {
        buffer.writeBytes(value);
    }

    @Override
    public void writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            buffer.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
    }

    @Override
    public void writeByteBuffer(ByteBuffer value) {
        buffer.writeBytes(value.duplicate());
    }

    @Override
    public void writeVarint(int value) {
        writeUnsignedVarint((value << 1) ^ (value >> 31));
    }

    @Override
    public void writeVarlong(long value) {
        long rest = (value << 1) ^ (value >> 63);
        while ((rest & ~0x7fL) != 0) {
            buffer.writeByte((int) ((rest & 0x7f) | 0x80));
            rest >>>= 7;
        }
        buffer.writeByte((int) rest);
    }

    @Override
    public void writeRecords(BaseRecords records) {
        if (!(records instanceof ByteBufRecords buffered)) {
            throw new IllegalArgumentException("records must be set with ProduceRecords or FetchRecords, not as "
                    + records.getClass().getName());
        }
        ByteBuf bytes = buffered.buffer();
        if (bytes.readableBytes() < COMPONENT_BYTES) {
            buffer.writeBytes(bytes, bytes.readerIndex(), bytes.readableBytes());
        } else {
            cuts.add(new Cut(buffer.writerIndex(), bytes));
            componentBytes += bytes.readableBytes();
        }
    }

    /** Bytes written so far, components included. */
    int size() {
        return buffer.readableBytes() + componentBytes;
    }

    /** The whole result; takes over the buffer and retains the components. */
    ByteBuf finish(ByteBufAllocator allocator) {
        if (cuts.isEmpty()) {
            return buffer;
        }
        CompositeByteBuf result = allocator.compositeBuffer(2 * cuts.size() + 1);
        int position = buffer.readerIndex();
        for (Cut cut : cuts) {
            result.addComponent(true, buffer.retainedSlice(position, cut.position() - position));
            result.addComponent(true, cut.records().retainedSlice());
            position = cut.position();
        }
        if (position < buffer.writerIndex()) {
            result.addComponent(true, buffer.retainedSlice(position, buffer.writerIndex() - position));
        }
        buffer.release();
        return result;
    }
}
