// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A Jakarta Messaging message as data: what a record says of it. Immutable, safe for any thread; the body's array is
 * shared, not copied: do not change it.
 */
public final class JmsRecord {
    /** jakarta.jms.DeliveryMode.NON_PERSISTENT. */
    public static final int NON_PERSISTENT = 1;
    /** jakarta.jms.DeliveryMode.PERSISTENT. */
    public static final int PERSISTENT = 2;

    /** jakarta.jms.Message.DEFAULT_PRIORITY. */
    public static final int DEFAULT_PRIORITY = 4;

    private final Builder fields;

    private JmsRecord(Builder fields) {
        this.fields = fields;
    }

    public static Builder builder() {
        return new Builder();
    }

    /** The JMSMessageID of a record that has none because no JMS provider sent it: the place where it lies. */
    public static String positionalId(String destination, int partition, long offset) {
        return "ID:" + destination + "-" + partition + "-" + offset;
    }

    /** A builder that starts with this record's fields. */
    public Builder toBuilder() {
        return new Builder(fields);
    }

    public Origin origin() {
        return fields.origin;
    }

    public BodyType bodyType() {
        return fields.bodyType;
    }

    /** The encoded body, or {@code null} when the message has none. */
    public byte @Nullable [] body() {
        return fields.body;
    }

    /** The body as text, or {@code null} when the message has none. Meaningful for {@link BodyType#TEXT} only. */
    public @Nullable String text() {
        byte[] bytes = fields.body;
        return bytes == null ? null : Utf8.text(bytes);
    }

    /** The values of a {@link BodyType#MAP}, in order; empty for any other body. Its arrays are shared, not copied. */
    public Map<String, @Nullable Object> map() {
        return fields.map;
    }

    /** The values of a {@link BodyType#STREAM}; empty for any other body. Its arrays are shared, not copied. */
    public List<@Nullable Object> stream() {
        return fields.stream;
    }

    /** What the JSON of a map or stream cannot tell, see {@link ElementType}. */
    byte[] elementTypes() {
        return fields.elementTypes;
    }

    /** The whole JMSMessageID, with its prefix, or {@code null}. */
    public @Nullable String messageId() {
        return fields.messageId;
    }

    /** {@link #NON_PERSISTENT} or {@link #PERSISTENT}. */
    public int deliveryMode() {
        return fields.deliveryMode;
    }

    /** 0 to 9; 4 is the usual one. */
    public int priority() {
        return fields.priority;
    }

    /** When the message expires, milliseconds since the epoch; 0 for never. */
    public long expirationMs() {
        return fields.expirationMs;
    }

    /** Before when the message is not delivered, milliseconds since the epoch; 0 for at once. */
    public long deliveryTimeMs() {
        return fields.deliveryTimeMs;
    }

    /** When it was sent, milliseconds since the epoch: the record's timestamp. */
    public long timestampMs() {
        return fields.timestampMs;
    }

    public @Nullable String correlationId() {
        return fields.correlationId;
    }

    public @Nullable JmsDestination replyTo() {
        return fields.replyTo;
    }

    public @Nullable JmsDestination destination() {
        return fields.destination;
    }

    /** JMSType. */
    public @Nullable String type() {
        return fields.type;
    }

    /** JMSXGroupID: the record's key. */
    public @Nullable String groupId() {
        return fields.groupId;
    }

    /** The incarnation of the connection that sent it, for noLocal; {@code null} when not sent by Millrace. */
    public @Nullable UUID clientIncarnation() {
        return fields.clientIncarnation;
    }

    /**
     * The properties in the order they were set: Boolean, Byte, Short, Integer, Long, Float, Double, String or null.
     * JMSXGroupID is not among them: it is {@link #groupId()}.
     */
    public Map<String, @Nullable Object> properties() {
        return fields.properties;
    }

    /** Where the fields come from. */
    public enum Origin {
        /** From a Millrace sender: all fields are as they were set. */
        JMS,
        /** From a Kafka producer: the record had no {@code jms} header. */
        KAFKA,
        /** The record had a {@code jms} header that cannot be read, so it was taken as one from a Kafka producer. */
        DAMAGED
    }

    /** Collects fields; {@link #build()} may be called several times. For one thread. */
    public static final class Builder {
        private static final byte[] NO_TYPES = {};

        private Origin origin = Origin.JMS;
        private BodyType bodyType = BodyType.MESSAGE;
        private byte @Nullable [] body;
        private Map<String, @Nullable Object> map = Map.of();
        private List<@Nullable Object> stream = List.of();
        private byte[] elementTypes = NO_TYPES;
        private @Nullable String messageId;
        private int deliveryMode = PERSISTENT;
        private int priority = DEFAULT_PRIORITY;
        private long expirationMs;
        private long deliveryTimeMs;
        private long timestampMs;
        private @Nullable String correlationId;
        private @Nullable JmsDestination replyTo;
        private @Nullable JmsDestination destination;
        private @Nullable String type;
        private @Nullable String groupId;
        private @Nullable UUID clientIncarnation;
        private Map<String, @Nullable Object> properties = new LinkedHashMap<>();

        private Builder() {}

        private Builder(Builder other) {
            this.origin = other.origin;
            this.bodyType = other.bodyType;
            this.body = other.body;
            this.map = other.map;
            this.stream = other.stream;
            this.elementTypes = other.elementTypes;
            this.messageId = other.messageId;
            this.deliveryMode = other.deliveryMode;
            this.priority = other.priority;
            this.expirationMs = other.expirationMs;
            this.deliveryTimeMs = other.deliveryTimeMs;
            this.timestampMs = other.timestampMs;
            this.correlationId = other.correlationId;
            this.replyTo = other.replyTo;
            this.destination = other.destination;
            this.type = other.type;
            this.groupId = other.groupId;
            this.clientIncarnation = other.clientIncarnation;
            this.properties = new LinkedHashMap<>(other.properties);
        }

        /** Whether a JMS client sent it, as far as is known. */
        boolean isOfJms() {
            return origin == Origin.JMS;
        }

        Builder origin(Origin value) {
            this.origin = value;
            return this;
        }

        /** Sets the body as it is encoded. For a map or stream use {@link #map} and {@link #stream}. */
        public Builder body(BodyType bodyKind, byte @Nullable [] bytes) {
            this.bodyType = bodyKind;
            this.body = bytes;
            return this;
        }

        /**
         * Makes it a map message.
         *
         * @param values Boolean, Byte, Short, Character, Integer, Long, Float, Double, String, byte[] or null by name
         * @throws IllegalArgumentException when a value is of another type
         */
        public Builder map(Map<String, ? extends @Nullable Object> values) {
            elementTypes = ElementType.of(values.values());
            map = Collections.unmodifiableMap(new LinkedHashMap<>(values));
            return body(BodyType.MAP, JsonBodyWriter.map(values));
        }

        /**
         * Makes it a stream message.
         *
         * @param values of the same types as those of {@link #map}
         * @throws IllegalArgumentException when a value is of another type
         */
        public Builder stream(List<? extends @Nullable Object> values) {
            elementTypes = ElementType.of(values);
            stream = Collections.unmodifiableList(new ArrayList<>(values));
            return body(BodyType.STREAM, JsonBodyWriter.stream(values));
        }

        /** Reads the values of an encoded map or stream; what is not one becomes bytes, as nothing may get lost. */
        Builder readElements(byte[] types) {
            elementTypes = types;
            if (bodyType == BodyType.MAP) {
                Map<String, @Nullable Object> values = JsonBodyReader.map(body, types);
                map = values == null ? Map.of() : Collections.unmodifiableMap(values);
                bodyType = values == null ? BodyType.BYTES : BodyType.MAP;
            } else if (bodyType == BodyType.STREAM) {
                List<@Nullable Object> values = JsonBodyReader.stream(body, types);
                stream = values == null ? List.of() : Collections.unmodifiableList(values);
                bodyType = values == null ? BodyType.BYTES : BodyType.STREAM;
            }
            return this;
        }

        /** Makes it a text message; {@code null} for one without text. */
        public Builder text(@Nullable String text) {
            return body(BodyType.TEXT, text == null ? null : Utf8.encode(text));
        }

        public Builder messageId(@Nullable String value) {
            this.messageId = value;
            return this;
        }

        public Builder deliveryMode(int value) {
            this.deliveryMode = value;
            return this;
        }

        public Builder priority(int value) {
            this.priority = value;
            return this;
        }

        public Builder expirationMs(long value) {
            this.expirationMs = value;
            return this;
        }

        public Builder deliveryTimeMs(long value) {
            this.deliveryTimeMs = value;
            return this;
        }

        public Builder timestampMs(long value) {
            this.timestampMs = value;
            return this;
        }

        public Builder correlationId(@Nullable String value) {
            this.correlationId = value;
            return this;
        }

        public Builder replyTo(@Nullable JmsDestination value) {
            this.replyTo = value;
            return this;
        }

        public Builder destination(@Nullable JmsDestination value) {
            this.destination = value;
            return this;
        }

        public Builder type(@Nullable String value) {
            this.type = value;
            return this;
        }

        public Builder groupId(@Nullable String value) {
            this.groupId = value;
            return this;
        }

        public Builder clientIncarnation(@Nullable UUID value) {
            this.clientIncarnation = value;
            return this;
        }

        /**
         * Sets a property; {@code null} is a String property without value.
         *
         * @throws IllegalArgumentException when the value is of a type that properties cannot have
         */
        public Builder property(String name, @Nullable Object value) {
            PropertyType.of(value);
            properties.put(name, value);
            return this;
        }

        public JmsRecord build() {
            Builder copy = new Builder(this);
            copy.properties = Collections.unmodifiableMap(copy.properties);
            return new JmsRecord(copy);
        }
    }
}
