// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.InvalidBatchException.Reason;
import io.millrace.protocol.record.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The value of the {@code jms} header: the standard fields of a message.
 *
 * <pre>
 * version (1 byte, 1) | body type (1) | delivery mode (1) | priority (1)
 * | expiration | delivery time | message id | correlation id | type
 * | destination | reply to | client incarnation: 0, or 1 and 16 bytes
 * | count of typed properties | for each: type (1), name
 * </pre>
 *
 * Times and counts are zigzag varints, as in records. A string is its length as a varint (-1 for null) and UTF-8. A
 * destination is 0 for none, 1 for a queue or 2 for a topic, then its name. Properties that are not listed are Strings.
 * What follows the list is from a newer sender of the same version and ignored.
 */
final class JmsHeader {
    private static final byte VERSION = 1;
    private static final byte NO_DESTINATION = 0;
    private static final byte QUEUE = 1;
    private static final byte TOPIC = 2;

    private JmsHeader() {}

    static byte[] encode(JmsRecord message) {
        ByteBuf out = Unpooled.buffer(128);
        out.writeByte(VERSION);
        out.writeByte(message.bodyType().id());
        out.writeByte(message.deliveryMode());
        out.writeByte(message.priority());
        Varint.write(out, message.expirationMs());
        Varint.write(out, message.deliveryTimeMs());
        writeString(out, message.messageId());
        writeString(out, message.correlationId());
        writeString(out, message.type());
        writeDestination(out, message.destination());
        writeDestination(out, message.replyTo());
        writeIncarnation(out, message.clientIncarnation());
        writePropertyTypes(out, message.properties());
        return ByteBufUtil.getBytes(out);
    }

    /**
     * Reads the fields into a builder.
     *
     * @return the types of the properties that are not Strings
     * @throws InvalidBatchException when the bytes are not such a header
     */
    static Map<String, PropertyType> decode(byte[] value, JmsRecord.Builder message, byte @Nullable [] body) {
        ByteBuf in = Unpooled.wrappedBuffer(value);
        byte version = readByte(in);
        if (version != VERSION) {
            throw invalid("has version " + version + "; only " + VERSION + " is known here");
        }
        message.body(BodyType.forId(readByte(in)), body)
                .deliveryMode(readInRange(in, "delivery mode", JmsRecord.NON_PERSISTENT, JmsRecord.PERSISTENT))
                .priority(readInRange(in, "priority", 0, 9))
                .expirationMs(Varint.readLong(in))
                .deliveryTimeMs(Varint.readLong(in))
                .messageId(readString(in))
                .correlationId(readString(in))
                .type(readString(in))
                .destination(readDestination(in))
                .replyTo(readDestination(in))
                .clientIncarnation(readIncarnation(in));
        return readPropertyTypes(in);
    }

    private static void writePropertyTypes(ByteBuf out, Map<String, @Nullable Object> properties) {
        Map<String, PropertyType> typed = new HashMap<>();
        properties.forEach((name, value) -> {
            PropertyType type = PropertyType.of(value);
            if (type != PropertyType.STRING) {
                typed.put(name, type);
            }
        });
        Varint.write(out, typed.size());
        typed.forEach((name, type) -> {
            out.writeByte(type.id());
            writeString(out, name);
        });
    }

    private static Map<String, PropertyType> readPropertyTypes(ByteBuf in) {
        int count = Varint.read(in);
        if (count < 0 || count > in.readableBytes() / 2) {
            throw invalid("claims " + count + " typed properties");
        }
        Map<String, PropertyType> typed = new HashMap<>();
        for (int i = 0; i < count; i++) {
            PropertyType type = PropertyType.forId(readByte(in));
            String name = readString(in);
            if (type == null || name == null) {
                throw invalid("has a property without a known type or name");
            }
            typed.put(name, type);
        }
        return typed;
    }

    private static void writeDestination(ByteBuf out, @Nullable JmsDestination destination) {
        if (destination == null) {
            out.writeByte(NO_DESTINATION);
        } else {
            out.writeByte(destination.kind() == DestinationKind.QUEUE ? QUEUE : TOPIC);
            writeString(out, destination.name());
        }
    }

    private static @Nullable JmsDestination readDestination(ByteBuf in) {
        byte kind = readByte(in);
        if (kind == NO_DESTINATION) {
            return null;
        }
        String name = readString(in);
        if (name == null || kind < NO_DESTINATION || kind > TOPIC) {
            throw invalid("has a destination without name or of kind " + kind);
        }
        return new JmsDestination(kind == QUEUE ? DestinationKind.QUEUE : DestinationKind.TOPIC, name);
    }

    private static void writeIncarnation(ByteBuf out, @Nullable UUID incarnation) {
        out.writeByte(incarnation == null ? 0 : 1);
        if (incarnation != null) {
            out.writeLong(incarnation.getMostSignificantBits());
            out.writeLong(incarnation.getLeastSignificantBits());
        }
    }

    private static @Nullable UUID readIncarnation(ByteBuf in) {
        if (readByte(in) == 0) {
            return null;
        }
        require(in, 2 * Long.BYTES);
        return new UUID(in.readLong(), in.readLong());
    }

    private static void writeString(ByteBuf out, @Nullable String text) {
        if (text == null) {
            Varint.write(out, -1);
        } else {
            byte[] bytes = text.getBytes(UTF_8);
            Varint.write(out, bytes.length);
            out.writeBytes(bytes);
        }
    }

    private static @Nullable String readString(ByteBuf in) {
        int length = Varint.read(in);
        if (length == -1) {
            return null;
        }
        require(in, length);
        return in.readCharSequence(length, UTF_8).toString();
    }

    private static int readInRange(ByteBuf in, String what, int min, int max) {
        int value = readByte(in);
        if (value < min || value > max) {
            throw invalid("has " + what + " " + value);
        }
        return value;
    }

    private static byte readByte(ByteBuf in) {
        require(in, 1);
        return in.readByte();
    }

    private static void require(ByteBuf in, int bytes) {
        if (bytes < 0 || bytes > in.readableBytes()) {
            throw invalid("ends early: a field of " + bytes + " bytes, " + in.readableBytes() + " remain");
        }
    }

    private static InvalidBatchException invalid(String what) {
        return new InvalidBatchException(Reason.INVALID_RECORD, "the jms header " + what);
    }
}
