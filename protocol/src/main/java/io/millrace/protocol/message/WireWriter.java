// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Collection;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes the fields of a body: numbers big-endian; strings in UTF-8 after their length plus one as an unsigned varint, 0
 * for null; lists after their count as an unsigned varint; buffers after a 4-byte length; enums and booleans in a byte.
 */
final class WireWriter {
    private final ByteBuf buffer;

    WireWriter(ByteBuf buffer) {
        this.buffer = buffer;
    }

    WireWriter writeByte(int value) {
        buffer.writeByte(value);
        return this;
    }

    WireWriter writeBoolean(boolean value) {
        return writeByte(value ? 1 : 0);
    }

    WireWriter writeShort(short value) {
        buffer.writeShort(value);
        return this;
    }

    WireWriter writeInt(int value) {
        buffer.writeInt(value);
        return this;
    }

    WireWriter writeLong(long value) {
        buffer.writeLong(value);
        return this;
    }

    WireWriter writeUuid(UUID value) {
        return writeLong(value.getMostSignificantBits()).writeLong(value.getLeastSignificantBits());
    }

    <E extends Enum<E>> WireWriter writeEnum(WireEnum<E> ids, E value) {
        return writeByte(ids.id(value));
    }

    WireWriter writeString(@Nullable String value) {
        if (value == null) {
            return writeUnsignedVarint(0);
        }
        writeUnsignedVarint(ByteBufUtil.utf8Bytes(value) + 1);
        ByteBufUtil.writeUtf8(buffer, value);
        return this;
    }

    /** Copies the readable bytes; does not move the indexes of {@code value}. */
    WireWriter writeBuffer(ByteBuf value) {
        writeInt(value.readableBytes());
        buffer.writeBytes(value, value.readerIndex(), value.readableBytes());
        return this;
    }

    <T> WireWriter writeList(Collection<T> list, BiConsumer<WireWriter, T> element) {
        writeUnsignedVarint(list.size());
        list.forEach(item -> element.accept(this, item));
        return this;
    }

    private WireWriter writeUnsignedVarint(int value) {
        int rest = value;
        while ((rest & ~0x7f) != 0) {
            buffer.writeByte((rest & 0x7f) | 0x80);
            rest >>>= 7;
        }
        buffer.writeByte(rest);
        return this;
    }
}
