// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.outbound;

import jakarta.jms.JMSConsumer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;

/** A consumer of the simplified API over one of the classic. */
final class ContextConsumer implements JMSConsumer {
    private final MessageConsumer consumer;

    ContextConsumer(MessageConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public @Nullable String getMessageSelector() {
        return Failures.uncheckedOrNull(consumer::getMessageSelector);
    }

    @Override
    public @Nullable Message receive() {
        return Failures.uncheckedOrNull(() -> consumer.receive());
    }

    @Override
    public @Nullable Message receive(long timeoutMs) {
        return Failures.uncheckedOrNull(() -> consumer.receive(timeoutMs));
    }

    @Override
    public @Nullable Message receiveNoWait() {
        return Failures.uncheckedOrNull(consumer::receiveNoWait);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type) {
        return body(receive(), type);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type, long timeoutMs) {
        return body(receive(timeoutMs), type);
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> type) {
        return body(receiveNoWait(), type);
    }

    private static <T> @Nullable T body(@Nullable Message message, Class<T> type) {
        return message == null ? null : Failures.uncheckedOrNull(() -> message.getBody(type));
    }

    @Override
    public void close() {
        Failures.unchecked(consumer::close);
    }

    @Override
    public @Nullable MessageListener getMessageListener() {
        throw Failures.notInContainerUnchecked("JMSConsumer.getMessageListener");
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) {
        throw Failures.notInContainerUnchecked("JMSConsumer.setMessageListener");
    }
}
