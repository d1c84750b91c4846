// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Which messages {@code receiveBody} can use, and why the last one was not. Used by one call, under its session's lock. */
final class BodyOfType implements Predicate<Delivery> {
    private final Class<?> type;
    private @Nullable JMSException failure;

    BodyOfType(Class<?> type) {
        this.type = type;
    }

    @Override
    public boolean test(Delivery delivery) {
        try {
            return Messages.hasBody(delivery, type);
        } catch (JMSException e) {
            failure = e;
            return false;
        }
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
