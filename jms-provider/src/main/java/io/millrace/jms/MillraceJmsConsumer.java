// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import static io.millrace.jms.JmsErrors.uncheckedOptional;
import static io.millrace.jms.JmsErrors.uncheckedRun;

import jakarta.jms.JMSConsumer;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import org.jspecify.annotations.Nullable;

/** A consumer of the simplified API. */
final class MillraceJmsConsumer implements JMSConsumer {
    private final MillraceConsumer consumer;

    MillraceJmsConsumer(MillraceConsumer consumer) {
        this.consumer = consumer;
    }

    @Override
    public @Nullable String getMessageSelector() {
        return uncheckedOptional(consumer::getMessageSelector);
    }

    @Override
    public @Nullable MessageListener getMessageListener() {
        return uncheckedOptional(consumer::getMessageListener);
    }

    @Override
    public void setMessageListener(@Nullable MessageListener listener) {
        uncheckedRun(() -> consumer.setMessageListener(listener));
    }

    @Override
    public @Nullable Message receive() {
        return uncheckedOptional(() -> consumer.receive());
    }

    @Override
    public @Nullable Message receive(long timeoutMs) {
        return uncheckedOptional(() -> consumer.receive(timeoutMs));
    }

    @Override
    public @Nullable Message receiveNoWait() {
        return uncheckedOptional(consumer::receiveNoWait);
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type) {
        return uncheckedOptional(() -> consumer.receiveBody(type, 0));
    }

    @Override
    public <T> @Nullable T receiveBody(Class<T> type, long timeoutMs) {
        return uncheckedOptional(() -> consumer.receiveBody(type, timeoutMs));
    }

    @Override
    public <T> @Nullable T receiveBodyNoWait(Class<T> type) {
        return uncheckedOptional(() -> consumer.receiveBodyNoWait(type));
    }

    @Override
    public void close() {
        uncheckedRun(consumer::close);
    }
}
