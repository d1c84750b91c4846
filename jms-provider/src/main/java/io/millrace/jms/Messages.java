// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.message.DeserializationPolicy;
import io.millrace.jms.message.MillraceBytesMessage;
import io.millrace.jms.message.MillraceMapMessage;
import io.millrace.jms.message.MillraceMessage;
import io.millrace.jms.message.MillraceObjectMessage;
import io.millrace.jms.message.MillraceStreamMessage;
import io.millrace.jms.message.MillraceTextMessage;
import io.millrace.protocol.jms.BodyType;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.jms.JmsRecord;
import io.millrace.protocol.jms.Utf8;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.ByteArrayOutputStream;
import java.util.Enumeration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns messages into records and back, and those of other providers into Millrace's own. */
final class Messages {
    private static final String GROUP_ID = "JMSXGroupID";
    private static final String RECEIVE_TIMESTAMP = "JMSXRcvTimestamp";

    /** What a provider sets when a message is received (section 3.5.9, table 3-3): it does not travel on. */
    private static final Set<String> SET_ON_RECEIPT =
            Set.of("JMSXDeliveryCount", "JMSXConsumerTXID", RECEIVE_TIMESTAMP, "JMSXState");

    private Messages() {}

    // ---- received

    /** The message for the application, acknowledged through the mode it was received in. */
    static MillraceMessage received(Delivery delivery, SessionMode mode) {
        JmsRecord record = delivery.record();
        MillraceMessage message = withBody(record, delivery.receiver().deserialization());
        message.setJMSMessageID(messageId(delivery));
        message.setJMSTimestamp(Math.max(0, record.timestampMs()));
        message.setJMSCorrelationID(record.correlationId());
        message.setJMSReplyTo(destination(record.replyTo()));
        MillraceDestination sentTo = destination(record.destination());
        message.setJMSDestination(sentTo != null ? sentTo : delivery.receiver().destination());
        message.setJMSDeliveryMode(record.deliveryMode());
        message.setJMSPriority(record.priority());
        message.setJMSExpiration(record.expirationMs());
        message.setJMSDeliveryTime(record.deliveryTimeMs() != 0 ? record.deliveryTimeMs() : record.timestampMs());
        message.setJMSType(record.type());
        record.properties().forEach(message::restoreProperty);
        String group = record.groupId();
        if (group != null) {
            message.restoreProperty(GROUP_ID, group);
        }
        message.restoreProperty(MillraceProperties.PARTITION, delivery.partition());
        message.restoreProperty(MillraceProperties.OFFSET, delivery.offset());
        message.restoreProperty(RECEIVE_TIMESTAMP, delivery.receiver().clock().millis());
        // A broker that crashed may know no more than that there were earlier ones (section 3.5.11: then 2 or more).
        int count = Math.max(delivery.redelivered() ? 2 : 1, delivery.earlierDeliveries() + 1);
        message.received(count, delivery.redelivered(), () -> mode.acknowledge(delivery));
        return message;
    }

    /** None when its sender asked for none; a record that no JMS sender wrote is named by where it lies. */
    private static @Nullable String messageId(Delivery delivery) {
        JmsRecord record = delivery.record();
        return record.origin() == JmsRecord.Origin.JMS
                ? record.messageId()
                : JmsRecord.positionalId(
                        delivery.receiver().destination().getName(), delivery.partition(), delivery.offset());
    }

    /** Whether it has a body, one that {@code getBody(type)} would give; not for one that is an object. */
    static boolean hasBody(JmsRecord record, Class<?> type) {
        byte[] body = record.body();
        if (body == null) {
            return false;
        }
        return switch (record.bodyType()) {
            case MESSAGE, STREAM, OBJECT -> false;
            case TEXT -> type.isAssignableFrom(String.class);
            case BYTES -> body.length > 0 && type.isAssignableFrom(byte[].class);
            case MAP -> !record.map().isEmpty() && type.isAssignableFrom(Map.class);
        };
    }

    /**
     * The object that is its body, or {@code null} for none.
     *
     * @throws jakarta.jms.MessageFormatException when it cannot or may not be deserialized
     */
    static @Nullable Object object(Delivery delivery) throws JMSException {
        byte[] body = delivery.record().body();
        return body == null
                ? null
                : new MillraceObjectMessage(body, delivery.receiver().deserialization()).getObject();
    }

    private static MillraceMessage withBody(JmsRecord record, DeserializationPolicy policy) {
        byte[] body = record.body();
        return switch (record.bodyType()) {
            case MESSAGE -> new MillraceMessage();
            case TEXT -> new MillraceTextMessage(body == null ? null : Utf8.text(body));
            case BYTES -> new MillraceBytesMessage(body == null ? new byte[0] : body);
            case MAP -> new MillraceMapMessage(record.map());
            case STREAM -> new MillraceStreamMessage(record.stream());
            case OBJECT -> new MillraceObjectMessage(body, policy);
        };
    }

    private static @Nullable MillraceDestination destination(@Nullable JmsDestination destination) {
        return destination == null ? null : MillraceDestination.named(destination.kind(), destination.name());
    }

    // ---- sent

    /**
     * The record that carries the message, whose headers {@code send} has set.
     *
     * @param delayed whether it is not to be delivered before its delivery time
     */
    static JmsRecord record(MillraceMessage message, UUID clientIncarnation, boolean delayed) throws JMSException {
        JmsRecord.Builder record = JmsRecord.builder();
        if (message instanceof MillraceTextMessage text) {
            String body = text.getText();
            record.body(BodyType.TEXT, body == null ? null : Utf8.encode(body));
        } else if (message instanceof MillraceBytesMessage bytes) {
            record.body(BodyType.BYTES, bytes.bytes());
        } else if (message instanceof MillraceMapMessage map) {
            record.map(map.values());
        } else if (message instanceof MillraceStreamMessage stream) {
            record.stream(stream.values());
        } else if (message instanceof MillraceObjectMessage object) {
            record.body(BodyType.OBJECT, object.serialized());
        } else {
            record.body(BodyType.MESSAGE, null);
        }
        record.messageId(message.getJMSMessageID())
                .deliveryMode(message.getJMSDeliveryMode())
                .priority(message.getJMSPriority())
                .expirationMs(message.getJMSExpiration())
                .timestampMs(message.getJMSTimestamp())
                .deliveryTimeMs(delayed ? message.getJMSDeliveryTime() : 0)
                .correlationId(message.getJMSCorrelationID())
                .type(message.getJMSType())
                .groupId(message.groupId())
                .destination(named(MillraceDestination.of(
                        Objects.requireNonNull(message.getJMSDestination(), "send sets the destination"))))
                .clientIncarnation(clientIncarnation);
        if (message.getJMSReplyTo() != null) {
            record.replyTo(named(MillraceDestination.of(message.getJMSReplyTo())));
        }
        message.properties().forEach((name, value) -> {
            if (!SET_ON_RECEIPT.contains(name) && !name.equals(GROUP_ID) && !MillraceProperties.isOne(name)) {
                record.property(name, value);
            }
        });
        return record.build();
    }

    private static JmsDestination named(MillraceDestination destination) throws JMSException {
        return new JmsDestination(destination.kind(), destination.requireName());
    }

    // ---- of other providers

    /** The message itself when it is Millrace's, else a copy of it (Jakarta Messaging 3.1, section 3.12). */
    static MillraceMessage own(Message message) throws JMSException {
        if (message instanceof MillraceMessage own) {
            return own;
        }
        MillraceMessage copy = ownBody(message);
        copy.setJMSCorrelationID(message.getJMSCorrelationID());
        copy.setJMSType(message.getJMSType());
        if (message.getJMSReplyTo() != null) {
            copy.setJMSReplyTo(MillraceDestination.of(message.getJMSReplyTo()));
        }
        Enumeration<?> names = message.getPropertyNames();
        while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            if (!SET_ON_RECEIPT.contains(name) && !MillraceProperties.isOne(name)) {
                copy.setObjectProperty(name, message.getObjectProperty(name));
            }
        }
        return copy;
    }

    private static MillraceMessage ownBody(Message message) throws JMSException {
        if (message instanceof TextMessage text) {
            return new MillraceTextMessage(text.getText());
        }
        if (message instanceof BytesMessage bytes) {
            return new MillraceBytesMessage(bytesOf(bytes));
        }
        if (message instanceof MapMessage map) {
            return copyOf(map);
        }
        if (message instanceof StreamMessage stream) {
            return copyOf(stream);
        }
        if (message instanceof ObjectMessage object) {
            MillraceObjectMessage copy = new MillraceObjectMessage();
            copy.setObject(object.getObject());
            return copy;
        }
        return new MillraceMessage();
    }

    /** All bytes of the body. Reading needs {@code reset()}, before it and, to leave it at its start, after it. */
    private static byte[] bytesOf(BytesMessage message) throws JMSException {
        message.reset();
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        byte[] part = new byte[8192];
        int count = message.readBytes(part);
        while (count > 0) {
            body.write(part, 0, count);
            count = message.readBytes(part);
        }
        message.reset();
        return body.toByteArray();
    }

    private static MillraceMapMessage copyOf(MapMessage message) throws JMSException {
        MillraceMapMessage copy = new MillraceMapMessage();
        Enumeration<?> names = message.getMapNames();
        while (names.hasMoreElements()) {
            String name = String.valueOf(names.nextElement());
            copy.setObject(name, message.getObject(name));
        }
        return copy;
    }

    private static MillraceStreamMessage copyOf(StreamMessage message) throws JMSException {
        MillraceStreamMessage copy = new MillraceStreamMessage();
        message.reset();
        try {
            while (true) {
                copy.writeObject(message.readObject());
            }
        } catch (MessageEOFException e) {
            message.reset(); // there is no other way to learn where a stream ends
        }
        return copy;
    }
}
