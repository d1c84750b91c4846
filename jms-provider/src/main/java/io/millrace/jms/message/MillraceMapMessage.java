// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is values by name (Jakarta Messaging 3.1, section 3.11): read and written until it is received,
 * then read-only. One without entries has no body in the sense of {@link #getBody}.
 */
public final class MillraceMapMessage extends MillraceMessage implements MapMessage {
    private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

    public MillraceMapMessage() {}

    /** A message that came with these values; their arrays are not copied. */
    public MillraceMapMessage(Map<String, ? extends @Nullable Object> values) {
        this.values.putAll(values);
    }

    /** The values in the order in which they were set; a view whose arrays are the message's own. */
    public Map<String, @Nullable Object> values() {
        return Collections.unmodifiableMap(values);
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        values.clear();
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        if (!isBodyAssignableTo(bodyType)) {
            throw notAssignable(bodyType);
        }
        if (values.isEmpty()) {
            return null;
        }
        Map<String, @Nullable Object> copy = new LinkedHashMap<>();
        values.forEach((name, value) -> copy.put(name, BodyValues.copied(value)));
        return bodyType.cast(copy);
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature of jakarta.jms
    public boolean isBodyAssignableTo(Class bodyType) {
        return values.isEmpty() || ((Class<?>) bodyType).isAssignableFrom(Map.class);
    }

    // ---- reading

    @Override
    public boolean getBoolean(String name) throws JMSException {
        return Conversions.toBoolean(values.get(name));
    }

    @Override
    public byte getByte(String name) throws JMSException {
        return Conversions.toByte(values.get(name));
    }

    @Override
    public short getShort(String name) throws JMSException {
        return Conversions.toShort(values.get(name));
    }

    @Override
    public char getChar(String name) throws JMSException {
        return Conversions.toChar(values.get(name));
    }

    @Override
    public int getInt(String name) throws JMSException {
        return Conversions.toInt(values.get(name));
    }

    @Override
    public long getLong(String name) throws JMSException {
        return Conversions.toLong(values.get(name));
    }

    @Override
    public float getFloat(String name) throws JMSException {
        return Conversions.toFloat(values.get(name));
    }

    @Override
    public double getDouble(String name) throws JMSException {
        return Conversions.toDouble(values.get(name));
    }

    @Override
    public @Nullable String getString(String name) throws JMSException {
        return Conversions.toText(values.get(name));
    }

    @Override
    public byte @Nullable [] getBytes(String name) throws JMSException {
        return Conversions.toBytes(values.get(name));
    }

    @Override
    public @Nullable Object getObject(String name) {
        return BodyValues.copied(values.get(name));
    }

    /** The names as they are now: what is set or cleared while they are looked at does not disturb it. */
    @Override
    public Enumeration<String> getMapNames() {
        return Collections.enumeration(new ArrayList<>(values.keySet()));
    }

    @Override
    public boolean itemExists(String name) {
        return values.containsKey(name);
    }

    // ---- writing

    private void set(@Nullable String name, @Nullable Object value) throws JMSException {
        if (name == null || name.isEmpty()) {
            throw new IllegalArgumentException("A value in a MapMessage must have a name.");
        }
        checkBodyWriteable();
        values.put(name, value);
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setString(String name, @Nullable String value) throws JMSException {
        set(name, value);
    }

    @Override
    public void setBytes(String name, byte @Nullable [] value) throws JMSException {
        set(name, BodyValues.checked(value));
    }

    @Override
    public void setBytes(String name, byte @Nullable [] value, int offset, int length) throws JMSException {
        set(name, BodyValues.part(value, offset, length));
    }

    @Override
    public void setObject(String name, @Nullable Object value) throws JMSException {
        set(name, BodyValues.checked(value));
    }
}
