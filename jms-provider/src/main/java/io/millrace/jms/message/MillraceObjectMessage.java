// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * A message whose body is a Java object (Jakarta Messaging 3.1, section 3.11). The object is serialized when it is set
 * and deserialized each time it is asked for, so that neither side sees the other's changes (section 3.12). What was
 * received is deserialized as far as its {@link DeserializationPolicy} permits.
 */
public final class MillraceObjectMessage extends MillraceMessage implements ObjectMessage {
    private byte @Nullable [] serialized;
    private @Nullable DeserializationPolicy policy;

    public MillraceObjectMessage() {}

    /**
     * A message that came with a record.
     *
     * @param serialized the object in the format of Java serialization, not copied; {@code null} for none
     * @param policy what it may be made of
     */
    public MillraceObjectMessage(byte @Nullable [] serialized, DeserializationPolicy policy) {
        this.serialized = serialized;
        this.policy = policy;
    }

    /** The serialized object, not copied; {@code null} for none. */
    public byte @Nullable [] serialized() {
        return serialized;
    }

    @Override
    public void setObject(@Nullable Serializable object) throws JMSException {
        checkBodyWriteable();
        serialized = object == null ? null : SerializedObject.write(object);
        policy = null;
    }

    /**
     * The object, a new copy with each call.
     *
     * @throws MessageFormatException when it cannot be deserialized, or is made of classes that are not allowed
     */
    @Override
    public @Nullable Serializable getObject() throws JMSException {
        return serialized == null ? null : SerializedObject.read(serialized, policy);
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        serialized = null;
        policy = null;
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        Serializable object = getObject();
        if (object != null && !bodyType.isInstance(object)) {
            throw notAssignable(bodyType);
        }
        return bodyType.cast(object);
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature of jakarta.jms
    public boolean isBodyAssignableTo(Class bodyType) throws JMSException {
        try {
            Serializable object = getObject();
            return object == null || ((Class<?>) bodyType).isInstance(object);
        } catch (MessageFormatException e) {
            return false; // as Message.isBodyAssignableTo demands; getObject tells why
        }
    }
}
