// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.Varint;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The value of the {@code jms} header: the standard fields of a message. {@link JmsHeaderView} reads it.
 *
 * <pre>
 * version (1 byte, 1) | body type (1) | delivery mode (1) | priority (1)
 * | expiration | delivery time | message id | correlation id | type
 * | destination | reply to | client incarnation: 0, or 1 and 16 bytes
 * | count of typed properties | for each: type (1), name
 * | count of a map's or stream's values, 0 when JSON tells all their types | for each: type (1)
 * </pre>
 *
 * Times and counts are zigzag varints, as in records. A string is its length as a varint (-1 for null) and UTF-8. A
 * destination is 0 for none, 1 for a queue or 2 for a topic, then its name. Properties that are not listed are Strings;
 * the values' types are those of {@link ElementType}, in the order of the body.
 * What follows them is from a newer sender of the same version and ignored.
 */
final class JmsHeader {
    static final byte VERSION = 1;
    static final byte NO_DESTINATION = 0;
    static final byte QUEUE = 1;
    static final byte TOPIC = 2;

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
        Varint.write(out, message.elementTypes().length);
        out.writeBytes(message.elementTypes());
        return ByteBufUtil.getBytes(out);
    }

    /**
     * Reads the fields into a builder.
     *
     * @return the types of the properties that are not Strings
     * @throws InvalidBatchException when the bytes are not such a header
     */
    static Map<String, PropertyType> decode(byte[] value, JmsRecord.Builder message, byte @Nullable [] body) {
        JmsHeaderView fields = JmsHeaderView.read(Unpooled.wrappedBuffer(value));
        message.body(fields.bodyType(), body)
                .deliveryMode(fields.deliveryMode())
                .priority(fields.priority())
                .expirationMs(fields.expirationMs())
                .deliveryTimeMs(fields.deliveryTimeMs())
                .messageId(fields.messageId())
                .correlationId(fields.correlationId())
                .type(fields.type())
                .destination(fields.destination())
                .replyTo(fields.replyTo())
                .clientIncarnation(fields.clientIncarnation())
                .readElements(fields.elementTypes());
        return fields.propertyTypes();
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

    private static void writeDestination(ByteBuf out, @Nullable JmsDestination destination) {
        if (destination == null) {
            out.writeByte(NO_DESTINATION);
        } else {
            out.writeByte(destination.kind() == DestinationKind.QUEUE ? QUEUE : TOPIC);
            writeString(out, destination.name());
        }
    }

    private static void writeIncarnation(ByteBuf out, @Nullable UUID incarnation) {
        out.writeByte(incarnation == null ? 0 : 1);
        if (incarnation != null) {
            out.writeLong(incarnation.getMostSignificantBits());
            out.writeLong(incarnation.getLeastSignificantBits());
        }
    }

    private static void writeString(ByteBuf out, @Nullable String text) {
        if (text == null) {
            Varint.write(out, -1);
        } else {
            byte[] bytes = Utf8.encode(text);
            Varint.write(out, bytes.length);
            out.writeBytes(bytes);
        }
    }
}
