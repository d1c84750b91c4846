// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the fields of a body. Checks each length against what remains before it allocates. Slices get their reference
 * in {@link #finish}, so a body that turns out to be malformed leaks nothing.
 */
final class WireReader {
    private final ByteBuf buffer;
    private final List<ByteBuf> slices = new ArrayList<>(0);

    WireReader(ByteBuf buffer) {
        this.buffer = buffer;
    }

    byte readByte() {
        return require(Byte.BYTES).readByte();
    }

    boolean readBoolean() {
        byte value = readByte();
        if (value != 0 && value != 1) {
            throw malformed("a boolean is " + value);
        }
        return value == 1;
    }

    short readShort() {
        return require(Short.BYTES).readShort();
    }

    int readInt() {
        return require(Integer.BYTES).readInt();
    }

    long readLong() {
        return require(Long.BYTES).readLong();
    }

    UUID readUuid() {
        return new UUID(readLong(), readLong());
    }

    <E extends Enum<E>> E readEnum(WireEnum<E> ids) {
        byte id = readByte();
        if (!ids.hasId(id)) {
            throw malformed("an enum has id " + id + ", which is unknown here");
        }
        return ids.forId(id);
    }

    String readString() {
        String value = readNullableString();
        if (value == null) {
            throw malformed("a string that must be there is null");
        }
        return value;
    }

    @Nullable
    String readNullableString() {
        int length = readUnsignedVarint() - 1;
        return length < 0
                ? null
                : require(length).readCharSequence(length, UTF_8).toString();
    }

    ByteBuf readBuffer() {
        int length = readInt();
        ByteBuf slice = require(length).readSlice(length);
        slices.add(slice);
        return slice;
    }

    /**
     * Reads a list.
     *
     * @param elementBytes the fewest bytes that one element takes: bounds the count before anything is allocated
     */
    <T> List<T> readList(int elementBytes, Function<WireReader, T> element) {
        int count = readUnsignedVarint();
        if (count > buffer.readableBytes() / elementBytes) {
            throw malformed("a list claims " + count + " elements; " + buffer.readableBytes() + " bytes remain");
        }
        List<T> list = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            list.add(element.apply(this));
        }
        return List.copyOf(list);
    }

    /** Ends the body: nothing may be left, and each slice now holds a reference of its own. */
    void finish() {
        if (buffer.isReadable()) {
            throw malformed(buffer.readableBytes() + " bytes are left over");
        }
        slices.forEach(ByteBuf::retain);
    }

    MalformedFrameException malformed(String what) {
        return new MalformedFrameException(what + ", at byte " + buffer.readerIndex());
    }

    private int readUnsignedVarint() {
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            byte b = readByte();
            value |= (long) (b & 0x7f) << shift;
            if (b >= 0) {
                if (value > Integer.MAX_VALUE) {
                    throw malformed("a length is " + value);
                }
                return (int) value;
            }
        }
        throw malformed("a length takes more than 5 bytes");
    }

    private ByteBuf require(int length) {
        if (length < 0 || length > buffer.readableBytes()) {
            throw malformed("a field claims " + length + " bytes; " + buffer.readableBytes() + " remain");
        }
        return buffer;
    }
}
