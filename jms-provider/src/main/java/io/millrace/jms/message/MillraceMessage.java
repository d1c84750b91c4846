// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import io.millrace.protocol.jms.Utf8;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message: headers and properties, and no body of its own (Jakarta Messaging 3.1, chapter 3). Belongs to one thread
 * at a time.
 */
public class MillraceMessage implements Message {

    /** What {@link #acknowledge()} asks: the session that delivered the message. */
    public interface Acknowledger {
        void acknowledge() throws JMSException;
    }

    private final MessageProperties properties = new MessageProperties();
    private @Nullable String id;
    private @Nullable String correlationId;
    private @Nullable String type;
    private @Nullable Destination destination;
    private @Nullable Destination replyTo;
    private int deliveryMode = DEFAULT_DELIVERY_MODE;
    private int priority = DEFAULT_PRIORITY;
    private long timestamp;
    private long expiration;
    private long deliveryTime;
    private boolean redelivered;
    private boolean bodyReadOnly;
    private @Nullable Acknowledger acknowledger;

    public MillraceMessage() {}

    // ---- what the provider does with a message

    /** Makes this a received message: body and properties can only be read until they are cleared. */
    public final void received(int deliveryCount, boolean isRedelivered, @Nullable Acknowledger byWhom) {
        properties.restore(MessageProperties.DELIVERY_COUNT, deliveryCount);
        redelivered = isRedelivered;
        acknowledger = byWhom;
        properties.makeReadOnly();
        bodyReadOnly = true;
        bodyReceived();
    }

    /** Called when the body has become read-only by being received. */
    void bodyReceived() {}

    /** Sets a property that came with the record. */
    public final void restoreProperty(String name, @Nullable Object value) {
        properties.restore(name, value);
    }

    /** All properties by name, in the order in which they were set; a view. */
    public final Map<String, @Nullable Object> properties() {
        return properties.view();
    }

    /** The text of a JMSXGroupID, or {@code null}. */
    public final @Nullable String groupId() {
        return properties.get(MessageProperties.GROUP_ID) instanceof String text ? text : null;
    }

    final void checkBodyWriteable() throws MessageNotWriteableException {
        if (bodyReadOnly) {
            throw new MessageNotWriteableException(
                    "The body of this message is read-only; call clearBody() first (section 3.10).");
        }
    }

    final boolean isBodyReadOnly() {
        return bodyReadOnly;
    }

    final void setBodyReadOnly(boolean readOnly) {
        bodyReadOnly = readOnly;
    }

    // ---- headers

    @Override
    public final @Nullable String getJMSMessageID() {
        return id;
    }

    @Override
    public final void setJMSMessageID(@Nullable String newId) {
        id = newId;
    }

    @Override
    public final long getJMSTimestamp() {
        return timestamp;
    }

    @Override
    public final void setJMSTimestamp(long newTimestamp) {
        timestamp = newTimestamp;
    }

    @Override
    public final byte @Nullable [] getJMSCorrelationIDAsBytes() {
        return correlationId == null ? null : Utf8.encode(correlationId);
    }

    /**
     * Keeps the bytes as UTF-8 text: here a correlation id is text, and section 3.4.5 leaves native forms to providers
     * that have them.
     *
     * @throws UnsupportedOperationException when the bytes are not UTF-8: nothing is replaced silently
     */
    @Override
    public final void setJMSCorrelationIDAsBytes(byte @Nullable [] bytes) {
        String text = bytes == null ? null : Utf8.decodeSent(bytes);
        if (bytes != null && text == null) {
            throw new UnsupportedOperationException(
                    "A JMSCorrelationID is text here; these bytes are not UTF-8 (section 3.4.5).");
        }
        correlationId = text;
    }

    @Override
    public final @Nullable String getJMSCorrelationID() {
        return correlationId;
    }

    @Override
    public final void setJMSCorrelationID(@Nullable String newCorrelationId) {
        correlationId = newCorrelationId;
    }

    @Override
    public final @Nullable Destination getJMSReplyTo() {
        return replyTo;
    }

    @Override
    public final void setJMSReplyTo(@Nullable Destination newReplyTo) {
        replyTo = newReplyTo;
    }

    @Override
    public final @Nullable Destination getJMSDestination() {
        return destination;
    }

    @Override
    public final void setJMSDestination(@Nullable Destination newDestination) {
        destination = newDestination;
    }

    @Override
    public final int getJMSDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public final void setJMSDeliveryMode(int newDeliveryMode) {
        deliveryMode = newDeliveryMode;
    }

    @Override
    public final boolean getJMSRedelivered() {
        return redelivered;
    }

    @Override
    public final void setJMSRedelivered(boolean newRedelivered) {
        redelivered = newRedelivered;
    }

    @Override
    public final @Nullable String getJMSType() {
        return type;
    }

    @Override
    public final void setJMSType(@Nullable String newType) {
        type = newType;
    }

    @Override
    public final long getJMSExpiration() {
        return expiration;
    }

    @Override
    public final void setJMSExpiration(long newExpiration) {
        expiration = newExpiration;
    }

    @Override
    public final long getJMSDeliveryTime() {
        return deliveryTime;
    }

    @Override
    public final void setJMSDeliveryTime(long newDeliveryTime) {
        deliveryTime = newDeliveryTime;
    }

    @Override
    public final int getJMSPriority() {
        return priority;
    }

    @Override
    public final void setJMSPriority(int newPriority) {
        priority = newPriority;
    }

    // ---- properties

    @Override
    public final void clearProperties() {
        properties.clear();
    }

    @Override
    public final boolean propertyExists(String name) {
        return properties.has(name);
    }

    @Override
    public final boolean getBooleanProperty(String name) throws JMSException {
        return Conversions.toBoolean(properties.get(name));
    }

    @Override
    public final byte getByteProperty(String name) throws JMSException {
        return Conversions.toByte(properties.get(name));
    }

    @Override
    public final short getShortProperty(String name) throws JMSException {
        return Conversions.toShort(properties.get(name));
    }

    @Override
    public final int getIntProperty(String name) throws JMSException {
        return Conversions.toInt(properties.get(name));
    }

    @Override
    public final long getLongProperty(String name) throws JMSException {
        return Conversions.toLong(properties.get(name));
    }

    @Override
    public final float getFloatProperty(String name) throws JMSException {
        return Conversions.toFloat(properties.get(name));
    }

    @Override
    public final double getDoubleProperty(String name) throws JMSException {
        return Conversions.toDouble(properties.get(name));
    }

    @Override
    public final @Nullable String getStringProperty(String name) throws JMSException {
        return Conversions.toText(properties.get(name));
    }

    @Override
    public final @Nullable Object getObjectProperty(String name) {
        return properties.get(name);
    }

    /** The names as they are now: what is set or cleared while they are looked at does not disturb it. */
    @Override
    public final Enumeration<String> getPropertyNames() {
        return Collections.enumeration(new ArrayList<>(properties.view().keySet()));
    }

    @Override
    public final void setBooleanProperty(String name, boolean value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setByteProperty(String name, byte value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setShortProperty(String name, short value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setIntProperty(String name, int value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setLongProperty(String name, long value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setFloatProperty(String name, float value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setDoubleProperty(String name, double value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setStringProperty(String name, @Nullable String value) throws JMSException {
        properties.set(name, value);
    }

    @Override
    public final void setObjectProperty(String name, @Nullable Object value) throws JMSException {
        properties.set(name, value);
    }

    // ---- acknowledgement and body

    @Override
    public final void acknowledge() throws JMSException {
        if (acknowledger != null) {
            acknowledger.acknowledge();
        }
    }

    @Override
    public void clearBody() throws JMSException {
        bodyReadOnly = false;
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        return null;
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature of jakarta.jms
    public boolean isBodyAssignableTo(Class bodyType) throws JMSException {
        return true;
    }

    /** The exception of section 3.12: the body is not of that type. */
    final MessageFormatException notAssignable(Class<?> bodyType) {
        return new MessageFormatException(
                "The body of this " + getClass().getSimpleName() + " cannot be read as " + bodyType.getName() + ".");
    }

    @Override
    public final String toString() {
        return getClass().getSimpleName() + "[" + id + "]";
    }
}
