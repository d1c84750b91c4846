// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.millrace.protocol.record.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A {@code jms} header that was checked in one pass (its layout: {@link JmsHeader}). Numbers are read at once, strings
 * when they are asked for, so that looking at a record's priority makes no garbage. Valid as long as the buffer is; for
 * one thread.
 */
final class JmsHeaderView {
    private final ByteBuf in;
    private final BodyType bodyType;
    private final int deliveryMode;
    private final int priority;
    private final long expirationMs;
    private final long deliveryTimeMs;
    private final int messageIdAt;
    private final int correlationIdAt;
    private final int typeAt;
    private final int destinationAt;
    private final int replyToAt;
    private final @Nullable UUID clientIncarnation;
    private final int propertyTypesAt;
    private final int elementTypesAt;
    private final int elementTypeCount;

    private JmsHeaderView(ByteBuf in) {
        this.in = in;
        byte version = readByte();
        if (version != JmsHeader.VERSION) {
            throw invalid("has version " + version + "; only " + JmsHeader.VERSION + " is known here");
        }
        bodyType = BodyType.forId(readByte());
        deliveryMode = readInRange("delivery mode", JmsRecord.NON_PERSISTENT, JmsRecord.PERSISTENT);
        priority = readInRange("priority", 0, 9);
        expirationMs = Varint.readLong(in);
        deliveryTimeMs = Varint.readLong(in);
        messageIdAt = skipString();
        correlationIdAt = skipString();
        typeAt = skipString();
        destinationAt = skipDestination();
        replyToAt = skipDestination();
        clientIncarnation = readIncarnation();
        propertyTypesAt = in.readerIndex();
        checkPropertyTypes();
        elementTypeCount = Varint.read(in);
        elementTypesAt = in.readerIndex();
        require(elementTypeCount);
    }

    /**
     * Reads from the readable bytes; keeps the buffer and moves its indexes.
     *
     * @throws InvalidBatchException when the bytes are not such a header
     */
    static JmsHeaderView read(ByteBuf in) {
        return new JmsHeaderView(in);
    }

    BodyType bodyType() {
        return bodyType;
    }

    int deliveryMode() {
        return deliveryMode;
    }

    int priority() {
        return priority;
    }

    long expirationMs() {
        return expirationMs;
    }

    long deliveryTimeMs() {
        return deliveryTimeMs;
    }

    @Nullable
    String messageId() {
        return stringAt(messageIdAt);
    }

    @Nullable
    String correlationId() {
        return stringAt(correlationIdAt);
    }

    @Nullable
    String type() {
        return stringAt(typeAt);
    }

    @Nullable
    JmsDestination destination() {
        return destinationAt(destinationAt);
    }

    @Nullable
    JmsDestination replyTo() {
        return destinationAt(replyToAt);
    }

    @Nullable
    UUID clientIncarnation() {
        return clientIncarnation;
    }

    /** The types of the properties that are not Strings. */
    Map<String, PropertyType> propertyTypes() {
        in.readerIndex(propertyTypesAt);
        int count = Varint.read(in);
        Map<String, PropertyType> typed = new HashMap<>();
        for (int i = 0; i < count; i++) {
            PropertyType type = PropertyType.forId(in.readByte());
            String name = readString();
            if (type != null && name != null) {
                typed.put(name, type);
            }
        }
        return typed;
    }

    /** The type of the property with this name in UTF-8. */
    PropertyType propertyType(byte[] name) {
        in.readerIndex(propertyTypesAt);
        int count = Varint.read(in);
        PropertyType found = PropertyType.STRING;
        for (int i = 0; i < count; i++) {
            PropertyType type = PropertyType.forId(in.readByte());
            int length = Varint.read(in);
            if (type != null && length == name.length && isNext(name)) {
                found = type;
            }
            in.skipBytes(length);
        }
        return found;
    }

    /** The types of a map's or stream's values, see {@link ElementType}. */
    byte[] elementTypes() {
        byte[] types = new byte[elementTypeCount];
        in.getBytes(elementTypesAt, types);
        return types;
    }

    private boolean isNext(byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (in.getByte(in.readerIndex() + i) != name[i]) {
                return false;
            }
        }
        return true;
    }

    private void checkPropertyTypes() {
        int count = Varint.read(in);
        if (count < 0 || count > in.readableBytes() / 2) {
            throw invalid("claims " + count + " typed properties");
        }
        for (int i = 0; i < count; i++) {
            PropertyType type = PropertyType.forId(readByte());
            int length = Varint.read(in);
            if (type == null || length == -1) {
                throw invalid("has a property without a known type or name");
            }
            require(length);
            in.skipBytes(length);
        }
    }

    private int skipString() {
        int start = in.readerIndex();
        int length = Varint.read(in);
        if (length != -1) {
            require(length);
            in.skipBytes(length);
        }
        return start;
    }

    private @Nullable String stringAt(int index) {
        in.readerIndex(index);
        return readString();
    }

    /** A string whose bounds were checked before. */
    private @Nullable String readString() {
        int length = Varint.read(in);
        if (length == -1) {
            return null;
        }
        int start = in.readerIndex();
        String text = in.readCharSequence(length, UTF_8).toString();
        return Utf8.isWhole(text) ? text : Utf8.text(ByteBufUtil.getBytes(in, start, length));
    }

    private int skipDestination() {
        int start = in.readerIndex();
        byte kind = readByte();
        if (kind != JmsHeader.NO_DESTINATION) {
            int length = Varint.read(in);
            if (length == -1 || kind < JmsHeader.NO_DESTINATION || kind > JmsHeader.TOPIC) {
                throw invalid("has a destination without name or of kind " + kind);
            }
            require(length);
            in.skipBytes(length);
        }
        return start;
    }

    private @Nullable JmsDestination destinationAt(int index) {
        in.readerIndex(index);
        byte kind = in.readByte();
        String name = kind == JmsHeader.NO_DESTINATION ? null : readString();
        if (name == null) {
            return null;
        }
        return new JmsDestination(kind == JmsHeader.QUEUE ? DestinationKind.QUEUE : DestinationKind.TOPIC, name);
    }

    private @Nullable UUID readIncarnation() {
        if (readByte() == 0) {
            return null;
        }
        require(2 * Long.BYTES);
        return new UUID(in.readLong(), in.readLong());
    }

    private int readInRange(String what, int min, int max) {
        int value = readByte();
        if (value < min || value > max) {
            throw invalid("has " + what + " " + value);
        }
        return value;
    }

    private byte readByte() {
        require(1);
        return in.readByte();
    }

    private void require(int bytes) {
        if (bytes < 0 || bytes > in.readableBytes()) {
            throw invalid("ends early: a field of " + bytes + " bytes, " + in.readableBytes() + " remain");
        }
    }

    private static InvalidBatchException invalid(String what) {
        return new InvalidBatchException(Reason.INVALID_RECORD, "the jms header " + what);
    }
}
