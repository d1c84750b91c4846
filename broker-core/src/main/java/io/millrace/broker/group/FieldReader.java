// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the field types of coordinators' state records, see {@link GroupRecordCodec}; every length is checked before anything is allocated. */
public record FieldReader(ByteBuf buffer) {

    public byte int8() {
        require(Byte.BYTES);
        return buffer.readByte();
    }

    public int int32() {
        require(Integer.BYTES);
        return buffer.readInt();
    }

    public long int64() {
        require(Long.BYTES);
        return buffer.readLong();
    }

    public UUID uuid() {
        return new UUID(int64(), int64());
    }

    /** A number of elements that take at least {@code minBytes} each. */
    public int count(int minBytes) {
        int count = int32();
        if (count < 0 || (long) count * minBytes > buffer.readableBytes()) {
            throw new IllegalArgumentException(
                    "state record names " + count + " elements with " + buffer.readableBytes() + " bytes left");
        }
        return count;
    }

    public String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    @Nullable
    public String nullableString() {
        int length = int32();
        return length == -1 ? null : new String(bytes(length), StandardCharsets.UTF_8);
    }

    public byte[] bytes() {
        return bytes(int32());
    }

    public void requireEnd() {
        if (buffer.isReadable()) {
            throw new IllegalArgumentException(
                    "state record has " + buffer.readableBytes() + " bytes more than its fields");
        }
    }

    private byte[] bytes(int length) {
        if (length < 0) {
            throw new IllegalArgumentException("state record has a field of length " + length);
        }
        require(length);
        byte[] bytes = new byte[length];
        buffer.readBytes(bytes);
        return bytes;
    }

    private void require(int bytes) {
        if (buffer.readableBytes() < bytes) {
            throw new IllegalArgumentException(
                    "state record ends early: " + bytes + " bytes needed, " + buffer.readableBytes() + " left");
        }
    }
}
