// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.jms.JmsRecord.Origin;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordView;
import io.millrace.protocol.selector.SelectorFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a broker asks of a record before it delivers it: fields for selectors, and those that decide when, in which order
 * and to whom it goes. Says the same as {@link JmsRecordCodec#decode} would, without decoding the body or what nobody
 * asks for: the {@code jms} header is read once, a property is looked for when a selector names it and remembered, so
 * that one object serves the selectors of all consumers.
 *
 * <p>Never fails for what a sender put into the record ({@link Origin#DAMAGED}). Valid as long as the view's buffers
 * are; for one thread.
 */
public final class RecordFields implements SelectorFields {
    private static final byte[] JMS_HEADER = JmsRecordCodec.JMS_HEADER.getBytes(UTF_8);

    private final RecordView record;
    private final String destination;
    private final int partition;
    private final Origin origin;
    private final boolean readable;
    private final @Nullable ByteBuf encodedHeader;
    private final @Nullable JmsHeaderView header;
    private @Nullable Map<String, @Nullable Object> properties;

    /**
     * Reads the {@code jms} header.
     *
     * @param record the record
     * @param destination the log that holds it, as the message id of a Kafka producer's record names it
     * @param partition the partition that holds it
     */
    public RecordFields(RecordView record, String destination, int partition) {
        this.record = record;
        this.destination = destination;
        this.partition = partition;
        Last last = new Last();
        boolean headersReadable = true;
        try {
            record.visitHeaders(JMS_HEADER, last::set);
        } catch (InvalidBatchException e) {
            headersReadable = false; // told by origin(): one bad record must not stop a consumer
        }
        readable = headersReadable;
        encodedHeader = headersReadable ? last.value : null;
        header = encodedHeader == null ? null : readable(encodedHeader);
        if (header != null) {
            origin = Origin.JMS;
        } else {
            origin = headersReadable && encodedHeader == null ? Origin.KAFKA : Origin.DAMAGED;
        }
    }

    private static @Nullable JmsHeaderView readable(ByteBuf encoded) {
        try {
            return JmsHeaderView.read(encoded.duplicate());
        } catch (InvalidBatchException e) {
            return null; // told by origin()
        }
    }

    public Origin origin() {
        return origin;
    }

    /** 0 to 9; 4 for a Kafka producer's record. */
    public int priority() {
        return header == null ? JmsRecord.DEFAULT_PRIORITY : header.priority();
    }

    /** When the message expires, milliseconds since the epoch; 0 for never. */
    public long expirationMs() {
        return header == null ? 0 : header.expirationMs();
    }

    /** Before when the message must not be delivered, milliseconds since the epoch; 0 for at once. */
    public long deliveryTimeMs() {
        return header == null ? 0 : header.deliveryTimeMs();
    }

    /** {@link JmsRecord#NON_PERSISTENT} or {@link JmsRecord#PERSISTENT}, the latter for a Kafka producer's record. */
    public int deliveryMode() {
        return header == null ? JmsRecord.PERSISTENT : header.deliveryMode();
    }

    /** The incarnation of the connection that sent it, for noLocal; {@code null} when not sent by Millrace. */
    public @Nullable UUID clientIncarnation() {
        return header == null ? null : header.clientIncarnation();
    }

    /** JMSXGroupID: the record's key; {@code null} without one, or when it is not text. */
    public @Nullable String groupId() {
        ByteBuf key = record.key();
        return key == null ? null : Utf8.decode(ByteBufUtil.getBytes(key));
    }

    /** {@inheritDoc} Header fields and properties as a receiver of the message sees them. */
    @Override
    public @Nullable Object get(String name) {
        return switch (name) {
            case "JMSDeliveryMode" -> deliveryMode() == JmsRecord.PERSISTENT ? "PERSISTENT" : "NON_PERSISTENT";
            case "JMSPriority" -> priority();
            case "JMSTimestamp" -> Math.max(0, record.timestampMs());
            case "JMSMessageID" ->
                header == null ? JmsRecord.positionalId(destination, partition, record.offset()) : header.messageId();
            case "JMSCorrelationID" -> header == null ? null : header.correlationId();
            case "JMSType" -> header == null ? null : header.type();
            default -> property(name);
        };
    }

    private @Nullable Object property(String name) {
        Map<String, @Nullable Object> known = properties;
        if (known == null) {
            known = new HashMap<>();
            properties = known;
        } else if (known.containsKey(name)) {
            return known.get(name);
        }
        Object value = name.equals("JMSXGroupID") ? groupId() : find(name);
        known.put(name, value);
        return value;
    }

    private @Nullable Object find(String name) {
        if (!readable || !(header == null ? PropertyName.isLegalForForeign(name) : PropertyName.isLegal(name))) {
            return null;
        }
        boolean maybeHeaderItself = name.equals(JmsRecordCodec.JMS_HEADER);
        if (header == null && maybeHeaderItself) {
            return null;
        }
        byte[] key = name.getBytes(UTF_8);
        Last last = new Last();
        record.visitHeaders(key, value -> {
            if (value == null || !maybeHeaderItself || !ByteBufUtil.equals(value, encodedHeader)) {
                last.setText(value);
            }
        });
        String text = last.text;
        if (text == null) {
            return null;
        }
        return header == null ? text : header.propertyType(key).parse(text);
    }

    /** Of several headers with one key the last counts; of those that are properties, the last that is text. */
    private static final class Last {
        private @Nullable ByteBuf value;
        private @Nullable String text;

        void set(@Nullable ByteBuf newValue) {
            value = newValue;
        }

        void setText(@Nullable ByteBuf newValue) {
            if (newValue == null) {
                text = null;
            } else {
                String decoded = Utf8.decode(ByteBufUtil.getBytes(newValue));
                text = decoded == null ? text : decoded;
            }
        }
    }
}
