// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.Acknowledgement;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** What an acknowledge or transaction mode does with the messages of a session (Jakarta Messaging 3.1, section 6.2). */
interface SessionMode {

    /** The mode as {@code Session.getAcknowledgeMode} names it. */
    int acknowledgeMode();

    /** Fails when nothing may be received just now. Called without the lock. */
    default void checkReceivable() throws JMSException {
        // Only a transaction can be over before it is ended.
    }

    /** A message is about to be given to {@code receive}'s caller. Called with the session's lock. */
    void onReceived(Delivery delivery);

    /** The same message is about to be given to {@code receive}'s caller, and may wait. Called without the lock. */
    default void awaitReceived() {
        // Only a mode that settles as it receives has something to wait for.
    }

    /**
     * Whether a message that {@code receiveBody} cannot read stays where it was, as if it had not been called; else it
     * counts as received (Jakarta Messaging 3.1, {@code JMSConsumer.receiveBody}).
     */
    default boolean keepsUnwanted() {
        return false;
    }

    /** A message is about to be given to a listener. Called with the session's lock. */
    void onListenerCalled(Delivery delivery);

    void onListenerReturned(Delivery delivery) throws JMSException;

    /** The listener threw (section 8.7). */
    void onListenerFailed(Delivery delivery) throws JMSException;

    /**
     * {@code Message.acknowledge()}, or {@code JMSContext.acknowledge()}.
     *
     * @param of the message that was asked; {@code null} for a context
     */
    void acknowledge(@Nullable Delivery of) throws JMSException;

    /** Sends or holds; completes once that is done. */
    default CompletableFuture<?> send(Outgoing outgoing) {
        return outgoing.link().send(outgoing.topic(), outgoing.partition(), outgoing.record());
    }

    /** Receipts that a recovery must tell first, beyond those that wait for a ride; everything unsettled is forgotten. */
    List<Acknowledgement> onRecover();

    /** The links were lost: what is unsettled is the brokers' again. Called with the session's lock. */
    default void onOutage() {
        // A mode that keeps nothing unsettled has nothing to forget.
    }

    default void commit() throws JMSException {
        throw notTransacted();
    }

    default void rollback() throws JMSException {
        throw notTransacted();
    }

    default void recover() throws JMSException {
        throw new IllegalStateException("A transacted session is rolled back, not recovered.");
    }

    private static IllegalStateException notTransacted() {
        return new IllegalStateException("This session is not transacted.");
    }
}
