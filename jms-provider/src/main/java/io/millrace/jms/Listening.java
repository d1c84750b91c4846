// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One call of a message listener and what follows from its end. Runs on the session's dispatch thread. */
final class Listening {
    private static final Logger log = LoggerFactory.getLogger(Listening.class);

    private Listening() {}

    /** @param last the message that the listener has when it returns; another than it was called with after a {@code proceed} */
    static void call(SessionMode mode, MessageListener listener, Delivery delivery, Supplier<Delivery> last) {
        try {
            if (invoke(mode, listener, delivery)) {
                mode.onListenerReturned(last.get());
            } else {
                mode.onListenerFailed(last.get());
            }
        } catch (JMSException e) {
            log.warn(
                    "Messages of {} could not be returned: {}",
                    delivery.receiver().destination(),
                    e.getMessage());
        }
    }

    private static boolean invoke(SessionMode mode, MessageListener listener, Delivery delivery) {
        try {
            listener.onMessage(Messages.received(delivery, mode));
            return true;
        } catch (RuntimeException | Error e) {
            log.warn(
                    "A listener of {} threw at offset {} of partition {}",
                    delivery.receiver().destination(),
                    delivery.offset(),
                    delivery.partition(),
                    e);
            return false;
        } finally {
            // A listener's own interrupt must not reach the next listener, nor what the session asks of the broker.
            Thread.interrupted();
        }
    }
}
