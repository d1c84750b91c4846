// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import org.jspecify.annotations.Nullable;

/** A message whose body is text, or no text at all (Jakarta Messaging 3.1, section 3.11). */
public final class MillraceTextMessage extends MillraceMessage implements TextMessage {
    private @Nullable String text;

    public MillraceTextMessage(@Nullable String text) {
        this.text = text;
    }

    @Override
    public void setText(@Nullable String newText) throws JMSException {
        checkBodyWriteable();
        text = newText;
    }

    @Override
    public @Nullable String getText() {
        return text;
    }

    @Override
    public void clearBody() throws JMSException {
        super.clearBody();
        text = null;
    }

    @Override
    public <T> @Nullable T getBody(Class<T> bodyType) throws JMSException {
        if (!isBodyAssignableTo(bodyType)) {
            throw notAssignable(bodyType);
        }
        return bodyType.cast(text);
    }

    @Override
    @SuppressWarnings("rawtypes") // the signature of jakarta.jms
    public boolean isBodyAssignableTo(Class bodyType) {
        return text == null || ((Class<?>) bodyType).isAssignableFrom(String.class);
    }
}
