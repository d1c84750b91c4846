// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.millrace.protocol.jms.JmsRecord.Origin;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordView;
import io.millrace.protocol.selector.SelectorFields;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import java.util.Arrays;
import java.util.UUID;
import java.util.function.Consumer;
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

    private static final Object ABSENT = new Object();
    private static final @Nullable Object[] NOTHING = new @Nullable Object[0];

    private final RecordView record;
    private final String destination;
    private final int partition;
    private final Origin origin;
    private final boolean readable;
    private final @Nullable ByteBuf encodedHeader;
    private final @Nullable JmsHeaderView header;
    private final PropertyKeys keys;
    /** By the keys' index; {@code null} for what was not looked for yet. */
    private @Nullable Object[] properties = NOTHING;

    /**
     * Reads the {@code jms} header.
     *
     * @param record the record
     * @param destination the log that holds it, as the message id of a Kafka producer's record names it
     * @param partition the partition that holds it
     */
    public RecordFields(RecordView record, String destination, int partition) {
        this(record, destination, partition, new PropertyKeys());
    }

    /**
     * Reads the {@code jms} header.
     *
     * @param record the record
     * @param destination the log that holds it, as the message id of a Kafka producer's record names it
     * @param partition the partition that holds it
     * @param keys shared with the fields of other records that this thread looks at
     */
    public RecordFields(RecordView record, String destination, int partition, PropertyKeys keys) {
        this.keys = keys;
        this.record = record;
        this.destination = destination;
        this.partition = partition;
        Last last = new Last();
        boolean headersReadable = true;
        try {
            record.visitHeaders(JMS_HEADER, last);
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
        return key == null ? null : text(ByteBufUtil.getBytes(key), header != null);
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
        PropertyKeys.Key key = keys.of(name);
        if (key.index() >= properties.length) {
            properties = Arrays.copyOf(properties, Math.max(keys.count(), 2 * properties.length));
        }
        Object value = properties[key.index()];
        if (value == null) {
            value = name.equals("JMSXGroupID") ? groupId() : find(name, key);
            properties[key.index()] = value == null ? ABSENT : value;
        }
        return value == ABSENT ? null : value;
    }

    private static @Nullable String text(byte[] bytes, boolean ofJms) {
        return ofJms ? Utf8.decodeSent(bytes) : Utf8.decode(bytes);
    }

    private @Nullable Object find(String name, PropertyKeys.Key key) {
        if (!readable || !(header == null ? key.legalForForeign() : key.legal())) {
            return null;
        }
        boolean maybeHeaderItself = name.equals(JmsRecordCodec.JMS_HEADER);
        if (header == null && maybeHeaderItself) {
            return null;
        }
        LastText last = new LastText(maybeHeaderItself ? encodedHeader : null, header != null);
        record.visitHeaders(key.encoded(), last);
        String text = last.text;
        if (text == null) {
            return null;
        }
        return header == null ? text : header.propertyType(key.encoded()).parse(text);
    }

    /** Of several headers with one key the last counts. */
    private static final class Last implements Consumer<@Nullable ByteBuf> {
        private @Nullable ByteBuf value;

        @Override
        public void accept(@Nullable ByteBuf newValue) {
            value = newValue;
        }
    }

    /** Of several properties with one name, the last that is text. */
    private static final class LastText implements Consumer<@Nullable ByteBuf> {
        private final @Nullable ByteBuf exceptFor;
        private final boolean ofJms;
        private @Nullable String text;

        /**
         * @param exceptFor is no property, though it bears the name
         * @param ofJms whether a JMS client sent it
         */
        LastText(@Nullable ByteBuf exceptFor, boolean ofJms) {
            this.exceptFor = exceptFor;
            this.ofJms = ofJms;
        }

        @Override
        public void accept(@Nullable ByteBuf newValue) {
            if (newValue == null) {
                text = null;
            } else if (exceptFor == null || !ByteBufUtil.equals(newValue, exceptFor)) {
                String decoded = text(ByteBufUtil.getBytes(newValue), ofJms);
                text = decoded == null ? text : decoded;
            }
        }
    }
}
