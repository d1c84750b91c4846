// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.BodyType;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import org.jspecify.annotations.Nullable;

/**
 * Which messages {@code receiveBody} can use, and why the last one was not. An object is deserialized once. Used by one
 * call, on its thread, without its session's lock: objects run code of the application.
 */
final class BodyOfType<T> implements SyncReceive.Wanted {
    private final Class<T> type;
    private @Nullable JMSException failure;
    private @Nullable Object object;

    BodyOfType(Class<T> type) {
        this.type = type;
    }

    @Override
    public boolean test(Delivery delivery) {
        failure = null;
        object = null;
        try {
            if (delivery.record().bodyType() != BodyType.OBJECT) {
                return Messages.hasBody(delivery.record(), type);
            }
            object = Messages.object(delivery);
            return type.isInstance(object);
        } catch (JMSException e) {
            failure = e;
            return false;
        }
    }

    /** The body of the message that was found usable. */
    @Nullable
    T of(Delivery delivery, SessionMode mode) throws JMSException {
        return object != null
                ? type.cast(object)
                : Messages.received(delivery, mode).getBody(type);
    }

    /** The refusal, with the reason that is known here. */
    MessageFormatException explained(MessageFormatException refusal) {
        if (failure == null) {
            return refusal;
        }
        MessageFormatException explained =
                new MessageFormatException(refusal.getMessage() + " " + failure.getMessage());
        explained.initCause(failure);
        return explained;
    }
}
