// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.jms.JmsRecord.Origin;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordHeader;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Makes a log record of a Jakarta Messaging message and back (docs/interop.md). No state; safe for any thread. */
public final class JmsRecordCodec {
    /** The header with the standard JMS fields; of several the last one counts. */
    public static final String JMS_HEADER = "jms";

    private JmsRecordCodec() {}

    public static OutgoingRecord encode(JmsRecord message) {
        List<RecordHeader> headers = new ArrayList<>(message.properties().size() + 1);
        message.properties()
                .forEach((name, value) ->
                        headers.add(new RecordHeader(name, value == null ? null : Utf8.encode(value.toString()))));
        headers.add(new RecordHeader(JMS_HEADER, JmsHeader.encode(message)));
        String groupId = message.groupId();
        return new OutgoingRecord(
                message.timestampMs(), groupId == null ? null : Utf8.encode(groupId), message.body(), headers);
    }

    /**
     * Reads a record as a message. Copies what it needs: the view's buffers may be released afterwards. Never fails for
     * what a sender put into the record; see {@link JmsRecord.Origin}.
     *
     * @param foreignType what a record is that neither a Millrace sender nor a content type describes: {@link
     *     BodyType#TEXT} or {@link BodyType#BYTES}
     */
    public static JmsRecord decode(RecordView view, BodyType foreignType) {
        byte[] body = bytes(view.value());
        try {
            List<RecordHeader> headers = view.headers();
            RecordHeader jms = view.lastHeader(JMS_HEADER);
            byte[] encoded = jms == null ? null : jms.value();
            if (encoded == null) {
                return ForeignRecord.decode(common(view, Origin.KAFKA), headers, body, foreignType);
            }
            return decode(common(view, Origin.JMS), headers, jms, encoded, body);
        } catch (InvalidBatchException e) {
            // The reader of the message learns it from the origin; the record itself must not stop a consumer.
            return ForeignRecord.decode(common(view, Origin.DAMAGED), readableHeaders(view), body, foreignType);
        }
    }

    private static JmsRecord decode(
            JmsRecord.Builder message,
            List<RecordHeader> headers,
            @Nullable RecordHeader jms,
            byte[] encoded,
            byte @Nullable [] body) {
        Map<String, PropertyType> types = JmsHeader.decode(encoded, message, body);
        for (RecordHeader header : headers) {
            if (!header.equals(jms) && PropertyName.isLegal(header.key())) {
                addProperty(message, header, types.getOrDefault(header.key(), PropertyType.STRING));
            }
        }
        return message.build();
    }

    /** Adds a header as property; one that is not text, so not from a JMS sender, is left out. */
    static void addProperty(JmsRecord.Builder message, RecordHeader header, PropertyType type) {
        byte[] value = header.value();
        if (value == null) {
            message.property(header.key(), null);
            return;
        }
        String text = message.isOfJms() ? Utf8.decodeSent(value) : Utf8.decode(value);
        if (text != null) {
            message.property(header.key(), type.parse(text));
        }
    }

    private static JmsRecord.Builder common(RecordView view, Origin origin) {
        byte[] key = bytes(view.key());
        return JmsRecord.builder()
                .origin(origin)
                .timestampMs(view.timestampMs())
                .groupId(key == null ? null : origin == Origin.JMS ? Utf8.decodeSent(key) : Utf8.decode(key));
    }

    private static List<RecordHeader> readableHeaders(RecordView view) {
        try {
            return view.headers();
        } catch (InvalidBatchException e) {
            return List.of();
        }
    }

    private static byte @Nullable [] bytes(@Nullable ByteBuf buffer) {
        return buffer == null ? null : ByteBufUtil.getBytes(buffer);
    }
}
