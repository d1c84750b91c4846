// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Reads the field types of {@link GroupRecordCodec}; every length is checked before anything is allocated. */
record FieldReader(ByteBuf buffer) {

    byte int8() {
        require(Byte.BYTES);
        return buffer.readByte();
    }

    int int32() {
        require(Integer.BYTES);
        return buffer.readInt();
    }

    long int64() {
        require(Long.BYTES);
        return buffer.readLong();
    }

    UUID uuid() {
        return new UUID(int64(), int64());
    }

    /** A number of elements that take at least {@code minBytes} each. */
    int count(int minBytes) {
        int count = int32();
        if (count < 0 || (long) count * minBytes > buffer.readableBytes()) {
            throw new IllegalArgumentException(
                    "group record names " + count + " elements with " + buffer.readableBytes() + " bytes left");
        }
        return count;
    }

    String string() {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    @Nullable
    String nullableString() {
        int length = int32();
        return length == -1 ? null : new String(bytes(length), StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return bytes(int32());
    }

    void requireEnd() {
        if (buffer.isReadable()) {
            throw new IllegalArgumentException(
                    "group record has " + buffer.readableBytes() + " bytes more than its fields");
        }
    }

    private byte[] bytes(int length) {
        if (length < 0) {
            throw new IllegalArgumentException("group record has a field of length " + length);
        }
        require(length);
        byte[] bytes = new byte[length];
        buffer.readBytes(bytes);
        return bytes;
    }

    private void require(int bytes) {
        if (buffer.readableBytes() < bytes) {
            throw new IllegalArgumentException(
                    "group record ends early: " + bytes + " bytes needed, " + buffer.readableBytes() + " left");
        }
    }
}
