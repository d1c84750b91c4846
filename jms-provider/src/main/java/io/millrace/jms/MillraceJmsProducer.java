// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static io.millrace.jms.JmsErrors.unchecked;
import static io.millrace.jms.JmsErrors.uncheckedOptional;
import static io.millrace.jms.JmsErrors.uncheckedRun;

import io.millrace.jms.message.MillraceMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.Serializable;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A producer of the simplified API: settings, headers and properties of its own, laid over each message as it is sent
 * (Jakarta Messaging 3.1, section 7.5). Sends through its context's one unidentified producer.
 */
final class MillraceJmsProducer implements JMSProducer {
    private final Session session;
    private final MessageProducer producer;
    private final MillraceMessage template = new MillraceMessage();
    private boolean idDisabled;
    private boolean timestampDisabled;
    private int deliveryMode = Message.DEFAULT_DELIVERY_MODE;
    private int priority = Message.DEFAULT_PRIORITY;
    private long timeToLiveMs = Message.DEFAULT_TIME_TO_LIVE;
    private long deliveryDelayMs = Message.DEFAULT_DELIVERY_DELAY;
    private @Nullable CompletionListener async;

    MillraceJmsProducer(Session session, MessageProducer producer) {
        this.session = session;
        this.producer = producer;
    }

    MessageProducer producer() {
        return producer;
    }

    // ---- sending

    @Override
    public JMSProducer send(Destination destination, Message message) {
        if (message == null) {
            throw new MessageFormatRuntimeException("There is no message to send: it is null.");
        }
        uncheckedRun(() -> {
            lay(message);
            producer.setDisableMessageID(idDisabled);
            producer.setDisableMessageTimestamp(timestampDisabled);
            producer.setDeliveryDelay(deliveryDelayMs);
            if (async == null) {
                producer.send(destination, message, deliveryMode, priority, timeToLiveMs);
            } else {
                producer.send(destination, message, deliveryMode, priority, timeToLiveMs, async);
            }
        });
        return this;
    }

    /** Lays headers and properties over the message. */
    private void lay(Message message) throws JMSException {
        if (template.getJMSCorrelationID() != null) {
            message.setJMSCorrelationID(template.getJMSCorrelationID());
        }
        if (template.getJMSType() != null) {
            message.setJMSType(template.getJMSType());
        }
        if (template.getJMSReplyTo() != null) {
            message.setJMSReplyTo(template.getJMSReplyTo());
        }
        for (Map.Entry<String, @Nullable Object> property :
                template.properties().entrySet()) {
            message.setObjectProperty(property.getKey(), property.getValue());
        }
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable String body) {
        return send(destination, (Message) unchecked(() -> session.createTextMessage(body)));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Map<String, Object> body) {
        return send(destination, (Message) unchecked(() -> filled(session.createMapMessage(), body)));
    }

    private static MapMessage filled(MapMessage message, @Nullable Map<String, Object> body) throws JMSException {
        if (body != null) {
            for (Map.Entry<String, Object> entry : body.entrySet()) {
                try {
                    message.setObject(entry.getKey(), entry.getValue());
                } catch (IllegalArgumentException e) {
                    throw JmsErrors.withCause(
                            new MessageFormatException("A map to send has an entry without name."), e);
                }
            }
        }
        return message;
    }

    @Override
    public JMSProducer send(Destination destination, byte @Nullable [] body) {
        return send(destination, (Message) unchecked(() -> {
            var message = session.createBytesMessage();
            if (body != null) {
                message.writeBytes(body);
            }
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, @Nullable Serializable body) {
        return send(destination, (Message) unchecked(() -> session.createObjectMessage(body)));
    }

    // ---- settings

    @Override
    public JMSProducer setDisableMessageID(boolean value) {
        idDisabled = value;
        return this;
    }

    @Override
    public boolean getDisableMessageID() {
        return idDisabled;
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean value) {
        timestampDisabled = value;
        return this;
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return timestampDisabled;
    }

    @Override
    public JMSProducer setDeliveryMode(int mode) {
        uncheckedRun(() -> producer.setDeliveryMode(mode));
        deliveryMode = mode;
        return this;
    }

    @Override
    public int getDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public JMSProducer setPriority(int newPriority) {
        uncheckedRun(() -> producer.setPriority(newPriority));
        priority = newPriority;
        return this;
    }

    @Override
    public int getPriority() {
        return priority;
    }

    @Override
    public JMSProducer setTimeToLive(long newTimeToLiveMs) {
        uncheckedRun(() -> producer.setTimeToLive(newTimeToLiveMs));
        timeToLiveMs = newTimeToLiveMs;
        return this;
    }

    @Override
    public long getTimeToLive() {
        return timeToLiveMs;
    }

    @Override
    public JMSProducer setDeliveryDelay(long newDeliveryDelayMs) {
        uncheckedRun(() -> producer.setDeliveryDelay(newDeliveryDelayMs));
        deliveryDelayMs = newDeliveryDelayMs;
        return this;
    }

    @Override
    public long getDeliveryDelay() {
        return deliveryDelayMs;
    }

    @Override
    public JMSProducer setAsync(@Nullable CompletionListener listener) {
        async = listener;
        return this;
    }

    @Override
    public @Nullable CompletionListener getAsync() {
        return async;
    }

    // ---- headers

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte @Nullable [] bytes) {
        template.setJMSCorrelationIDAsBytes(bytes);
        return this;
    }

    @Override
    public byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return template.getJMSCorrelationIDAsBytes();
    }

    @Override
    public JMSProducer setJMSCorrelationID(@Nullable String correlationId) {
        template.setJMSCorrelationID(correlationId);
        return this;
    }

    @Override
    public @Nullable String getJMSCorrelationID() {
        return template.getJMSCorrelationID();
    }

    @Override
    public JMSProducer setJMSType(@Nullable String type) {
        template.setJMSType(type);
        return this;
    }

    @Override
    public @Nullable String getJMSType() {
        return template.getJMSType();
    }

    @Override
    public JMSProducer setJMSReplyTo(@Nullable Destination replyTo) {
        template.setJMSReplyTo(replyTo);
        return this;
    }

    @Override
    public @Nullable Destination getJMSReplyTo() {
        return template.getJMSReplyTo();
    }

    // ---- properties

    private JMSProducer property(String name, @Nullable Object value) {
        uncheckedRun(() -> template.setObjectProperty(name, value));
        return this;
    }

    @Override
    public JMSProducer clearProperties() {
        template.clearProperties();
        return this;
    }

    @Override
    public boolean propertyExists(String name) {
        return template.propertyExists(name);
    }

    @Override
    public Set<String> getPropertyNames() {
        Set<String> names = new LinkedHashSet<>();
        Enumeration<String> all = template.getPropertyNames();
        all.asIterator().forEachRemaining(names::add);
        return Collections.unmodifiableSet(names);
    }

    @Override
    public @Nullable Object getObjectProperty(String name) {
        return template.getObjectProperty(name);
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable String value) {
        return property(name, value);
    }

    @Override
    public JMSProducer setProperty(String name, @Nullable Object value) {
        return property(name, value);
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return unchecked(() -> template.getBooleanProperty(name));
    }

    @Override
    public byte getByteProperty(String name) {
        return unchecked(() -> template.getByteProperty(name));
    }

    @Override
    public short getShortProperty(String name) {
        return unchecked(() -> template.getShortProperty(name));
    }

    @Override
    public int getIntProperty(String name) {
        return unchecked(() -> template.getIntProperty(name));
    }

    @Override
    public long getLongProperty(String name) {
        return unchecked(() -> template.getLongProperty(name));
    }

    @Override
    public float getFloatProperty(String name) {
        return unchecked(() -> template.getFloatProperty(name));
    }

    @Override
    public double getDoubleProperty(String name) {
        return unchecked(() -> template.getDoubleProperty(name));
    }

    @Override
    public @Nullable String getStringProperty(String name) {
        return uncheckedOptional(() -> template.getStringProperty(name));
    }
}
