// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A producer of the simplified API: settings and properties that it puts on each message. */
final class ContextProducer implements JMSProducer {
    private final SessionHandle session;
    private final ProducerHandle producer;
    private final Map<String, Object> properties = new LinkedHashMap<>();
    private @Nullable String correlationId;
    private byte @Nullable [] correlationIdBytes;
    private @Nullable String type;
    private @Nullable Destination replyTo;

    ContextProducer(SessionHandle session) throws JMSException {
        this.session = session;
        this.producer = (ProducerHandle) session.createProducer(null);
    }

    @Override
    public JMSProducer send(Destination destination, Message message) {
        return apply(() -> {
            for (Map.Entry<String, Object> property : properties.entrySet()) {
                message.setObjectProperty(property.getKey(), property.getValue());
            }
            if (correlationId != null) {
                message.setJMSCorrelationID(correlationId);
            }
            if (correlationIdBytes != null) {
                message.setJMSCorrelationIDAsBytes(correlationIdBytes);
            }
            if (type != null) {
                message.setJMSType(type);
            }
            if (replyTo != null) {
                message.setJMSReplyTo(replyTo);
            }
            producer.send(destination, message);
        });
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable String body) {
        return send(destination, Failures.<TextMessage>unchecked(() -> session.createTextMessage(body)));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Map<String, Object> body) {
        return send(destination, Failures.<MapMessage>unchecked(() -> {
            MapMessage message = session.createMapMessage();
            if (body != null) {
                for (Map.Entry<String, Object> entry : body.entrySet()) {
                    message.setObject(entry.getKey(), entry.getValue());
                }
            }
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, byte @Nullable [] body) {
        return send(destination, Failures.<BytesMessage>unchecked(() -> {
            BytesMessage message = session.createBytesMessage();
            if (body != null) {
                message.writeBytes(body);
            }
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Serializable body) {
        return send(destination, Failures.<ObjectMessage>unchecked(() -> session.createObjectMessage(body)));
    }

    private JMSProducer apply(Failures.Action action) {
        Failures.unchecked(action);
        return this;
    }

    private JMSProducer put(String name, Object value) {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("A property needs a name");
        }
        properties.put(name, value);
        return this;
    }

    @Override
    public JMSProducer setProperty(String name, Object value) {
        if (value instanceof Boolean || value instanceof Number || value instanceof String) {
            return put(name, value);
        }
        throw new MessageFormatRuntimeException("A property is a primitive or a String: " + name);
    }

    @Override
    public JMSProducer clearProperties() {
        properties.clear();
        return this;
    }

    @Override
    public boolean propertyExists(String name) {
        return properties.containsKey(name);
    }

    @Override
    public Set<String> getPropertyNames() {
        return Set.copyOf(properties.keySet());
    }

    @Override
    public @Nullable Object getObjectProperty(String name) {
        return properties.get(name);
    }

    @Override
    public @Nullable String getStringProperty(String name) {
        Object value = properties.get(name);
        return value == null ? null : value.toString();
    }

    /** The property by the conversions of a message (Jakarta Messaging 3.1, section 3.5.4). */
    private <T> T converted(String name, Failures.Call<T> read, Message holder) {
        return Failures.unchecked(() -> {
            Object value = properties.get(name);
            if (value != null) {
                holder.setObjectProperty(name, value);
            }
            return read.run();
        });
    }

    private Message holder() {
        return Failures.<Message>unchecked(session::createMessage);
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return put(name, value);
    }

    @Override
    public boolean getBooleanProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getBooleanProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return put(name, value);
    }

    @Override
    public byte getByteProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getByteProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return put(name, value);
    }

    @Override
    public short getShortProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getShortProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return put(name, value);
    }

    @Override
    public int getIntProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getIntProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return put(name, value);
    }

    @Override
    public long getLongProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getLongProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return put(name, value);
    }

    @Override
    public float getFloatProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getFloatProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return put(name, value);
    }

    @Override
    public double getDoubleProperty(String name) {
        Message holder = holder();
        return converted(name, () -> holder.getDoubleProperty(name), holder);
    }

    @Override
    public JMSProducer setProperty(String name, String value) {
        return put(name, value);
    }

    @Override
    public JMSProducer setDeliveryMode(int value) {
        return apply(() -> producer.setDeliveryMode(value));
    }

    @Override
    public int getDeliveryMode() {
        return Failures.unchecked(() -> producer.getDeliveryMode());
    }

    @Override
    public JMSProducer setPriority(int value) {
        return apply(() -> producer.setPriority(value));
    }

    @Override
    public int getPriority() {
        return Failures.unchecked(() -> producer.getPriority());
    }

    @Override
    public JMSProducer setTimeToLive(long value) {
        return apply(() -> producer.setTimeToLive(value));
    }

    @Override
    public long getTimeToLive() {
        return Failures.unchecked(() -> producer.getTimeToLive());
    }

    @Override
    public JMSProducer setDeliveryDelay(long value) {
        return apply(() -> producer.setDeliveryDelay(value));
    }

    @Override
    public long getDeliveryDelay() {
        return Failures.unchecked(() -> producer.getDeliveryDelay());
    }

    @Override
    public JMSProducer setDisableMessageID(boolean value) {
        return apply(() -> producer.setDisableMessageID(value));
    }

    @Override
    public boolean getDisableMessageID() {
        return Failures.unchecked(() -> producer.getDisableMessageID());
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean value) {
        return apply(() -> producer.setDisableMessageTimestamp(value));
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return Failures.unchecked(() -> producer.getDisableMessageTimestamp());
    }

    @Override
    public JMSProducer setAsync(@Nullable CompletionListener listener) {
        if (listener != null) {
            throw Failures.notInContainerUnchecked("JMSProducer.setAsync");
        }
        return this;
    }

    @Override
    public @Nullable CompletionListener getAsync() {
        return null;
    }

    @Override
    public JMSProducer setJMSCorrelationID(@Nullable String id) {
        this.correlationId = id;
        return this;
    }

    @Override
    public @Nullable String getJMSCorrelationID() {
        return correlationId;
    }

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte @Nullable [] id) {
        this.correlationIdBytes = id == null ? null : id.clone();
        return this;
    }

    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return correlationIdBytes == null ? null : correlationIdBytes.clone();
    }

    @Override
    public JMSProducer setJMSType(@Nullable String jmsType) {
        this.type = jmsType;
        return this;
    }

    @Override
    public @Nullable String getJMSType() {
        return type;
    }

    @Override
    public JMSProducer setJMSReplyTo(@Nullable Destination destination) {
        this.replyTo = destination;
        return this;
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return replyTo;
    }
}
