// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.IdentityHashMap;
import org.apache.kafka.common.protocol.Readable;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.jspecify.annotations.Nullable;

/**
 * Kafka's reader over a Netty buffer. Every length is checked against what remains before anything is allocated.
 * Records are not copied: {@link #recordsOf} gives the slice of the frame that stands behind what a message holds.
 */
final class ByteBufReadable implements Readable {
    private final ByteBuf buffer;
    private final IdentityHashMap<BaseRecords, ByteBuf> slices = new IdentityHashMap<>();

    ByteBufReadable(ByteBuf buffer) {
        this.buffer = buffer;
    }

    /** The slice that was read as these records; it shares the frame's reference count. */
    @Nullable
    ByteBuf recordsOf(@Nullable BaseRecords records) {
        return records == null ? null : slices.get(records);
    }

    @Override
    public byte readByte() {
        require(Byte.BYTES);
        return buffer.readByte();
    }

    @Override
    public short readShort() {
        require(Short.BYTES);
        return buffer.readShort();
    }

    @Override
    public int readInt() {
        require(Integer.BYTES);
        return buffer.readInt();
    }

    @Override
    public long readLong() {
        require(Long.BYTES);
        return buffer.readLong();
    }

    @Override
    public double readDouble() {
        require(Double.BYTES);
        return buffer.readDouble();
    }

    @Override
    public byte[] readArray(int length) {
        require(length);
        byte[] bytes = new byte[length];
        buffer.readBytes(bytes);
        return bytes;
    }

    @Override
    public int readUnsignedVarint() {
        int value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte b = readByte();
            value |= (b & 0x7f) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedFrameException("a varint is longer than 5 bytes, before byte " + buffer.readerIndex());
    }

    @Override
    public ByteBuffer readByteBuffer(int length) {
        return ByteBuffer.wrap(readArray(length));
    }

    @Override
    public int readVarint() {
        int value = readUnsignedVarint();
        return (value >>> 1) ^ -(value & 1);
    }

    @Override
    public long readVarlong() {
        long value = 0;
        for (int shift = 0; shift < 70; shift += 7) {
            byte b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                return (value >>> 1) ^ -(value & 1);
            }
        }
        throw new MalformedFrameException("a varlong is longer than 10 bytes, before byte " + buffer.readerIndex());
    }

    @Override
    public int remaining() {
        return buffer.readableBytes();
    }

    @Override
    public Readable slice() {
        return new ByteBufReadable(buffer.slice());
    }

    /** The returned object only stands for the slice: {@link RequestDecoder} puts the slice itself into the message. */
    @Override
    public MemoryRecords readRecords(int length) {
        require(length);
        MemoryRecords placeholder = MemoryRecords.readableRecords(ByteBuffer.allocate(0));
        slices.put(placeholder, buffer.readSlice(length));
        return placeholder;
    }

    private void require(int length) {
        if (length < 0 || length > buffer.readableBytes()) {
            throw new MalformedFrameException("a field of " + length + " bytes at byte " + buffer.readerIndex()
                    + " runs over the end of the frame: " + buffer.readableBytes() + " remain");
        }
    }
}
