// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.message.MillraceBytesMessage;
import io.millrace.jms.message.MillraceMessage;
import io.millrace.jms.message.MillraceTextMessage;
import io.millrace.protocol.jms.BodyType;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.jms.JmsRecord;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.util.Enumeration;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Turns messages into records and back, and those of other providers into Millrace's own. */
final class Messages {
    private static final String GROUP_ID = "JMSXGroupID";
    private static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    private Messages() {}

    // ---- received

    /** The message for the application, acknowledged through the mode it was received in. */
    static MillraceMessage received(Delivery delivery, SessionMode mode) {
        JmsRecord record = delivery.record();
        MillraceMessage message = withBody(record);
        String id = record.messageId();
        message.setJMSMessageID(
                id != null
                        ? id
                        : "ID:" + delivery.receiver().destination().getName() + "-" + delivery.partition() + "-"
                                + delivery.offset());
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
        // A broker that crashed may know no more than that there were earlier ones (section 3.5.11: then 2 or more).
        int count = Math.max(delivery.redelivered() ? 2 : 1, delivery.earlierDeliveries() + 1);
        message.received(count, delivery.redelivered(), () -> mode.acknowledge(delivery));
        return message;
    }

    /** Whether the record has a body, one that {@code getBody(type)} would give. */
    static boolean hasBody(JmsRecord record, Class<?> type) {
        byte[] body = record.body();
        if (body == null) {
            return false;
        }
        return switch (record.bodyType()) {
            case MESSAGE -> false;
            case TEXT -> type.isAssignableFrom(String.class);
            case BYTES, MAP, STREAM, OBJECT -> body.length > 0 && type.isAssignableFrom(byte[].class);
        };
    }

    private static MillraceMessage withBody(JmsRecord record) {
        byte[] body = record.body();
        return switch (record.bodyType()) {
            case MESSAGE -> new MillraceMessage();
            case TEXT -> new MillraceTextMessage(body == null ? null : new String(body, StandardCharsets.UTF_8));
            case BYTES, MAP, STREAM, OBJECT -> new MillraceBytesMessage(body == null ? new byte[0] : body);
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
            record.body(BodyType.TEXT, body == null ? null : body.getBytes(StandardCharsets.UTF_8));
        } else if (message instanceof MillraceBytesMessage bytes) {
            record.body(BodyType.BYTES, bytes.bytes());
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
            if (value != null
                    && !name.equals(DELIVERY_COUNT)
                    && !name.equals(GROUP_ID)
                    && !MillraceProperties.isOne(name)) {
                record.property(name, value);
            }
        });
        return record.build();
    }

    private static JmsDestination named(MillraceDestination destination) throws JMSException {
        return new JmsDestination(destination.kind(), destination.requireName());
    }

    // ---- of other providers

    /** The message itself when it is Millrace's, else a copy of it (Jakarta Messaging 3.1, section 3.13). */
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
            if (!name.equals(DELIVERY_COUNT) && !MillraceProperties.isOne(name)) {
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
            bytes.reset();
            byte[] body = new byte[Math.toIntExact(bytes.getBodyLength())];
            bytes.readBytes(body);
            return new MillraceBytesMessage(body);
        }
        if (message instanceof MapMessage || message instanceof StreamMessage || message instanceof ObjectMessage) {
            throw JmsErrors.notOffered("Sending a " + message.getClass().getSimpleName());
        }
        return new MillraceMessage();
    }
}
