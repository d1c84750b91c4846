// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The synchronous receipt of a session's messages, by one thread at a time (Jakarta Messaging 3.1, sections 6.2.5, 8.5 and
 * 8.6). What it knows is guarded by the session's lock, which is not held while the broker is waited for or a body is
 * looked at.
 */
final class SyncReceive {
    private final SessionCore session;
    private final ReentrantLock lock;
    private final Condition changed;
    /** Who is in a receive of the session. */
    private @Nullable Thread receiving;

    /** What a caller can use; another record is refused as the mode has it. Asked without the session's lock. */
    interface Wanted {
        boolean test(Delivery delivery);
    }

    /**
     * @param lock the session's
     * @param changed signalled whenever something of the session changes
     */
    SyncReceive(SessionCore session, ReentrantLock lock, Condition changed) {
        this.session = session;
        this.lock = lock;
        this.changed = changed;
    }

    /** Waits without end, until a record is there or the receiver or session closes. */
    @Nullable
    Delivery take(Receiver receiver, @Nullable Wanted wanted) throws JMSException {
        begin(receiver);
        try {
            return awaited(take(receiver, Long.MAX_VALUE, wanted));
        } finally {
            end(receiver);
        }
    }

    /**
     * Waits, at most that long, and then asks the brokers whether anything is on its way.
     *
     * @param timeoutNanos 0 asks at once
     */
    @Nullable
    Delivery takeWithin(Receiver receiver, long timeoutNanos, @Nullable Wanted wanted) throws JMSException {
        begin(receiver);
        try {
            Delivery delivery = take(receiver, timeoutNanos, wanted);
            CompletableFuture<Void> drained = delivery == null ? session.lockedGet(() -> drain(receiver)) : null;
            if (drained == null) {
                return awaited(delivery);
            }
            JmsErrors.await(drained, "Receiving from " + receiver.destination());
            return awaited(take(receiver, 0, wanted));
        } finally {
            end(receiver);
        }
    }

    private @Nullable Delivery awaited(@Nullable Delivery delivery) {
        if (delivery != null) {
            session.mode().awaitReceived();
        }
        return delivery;
    }

    private @Nullable CompletableFuture<Void> drain(Receiver receiver) {
        return session.isPulling() && receiver.isOpen() ? receiver.drain() : null;
    }

    private void begin(Receiver receiver) throws JMSException {
        lock.lock();
        try {
            if (receiving != null) {
                throw new IllegalStateException(
                        "Another thread is receiving in this session; a session is for one thread at a time (section"
                                + " 6.2.5).");
            }
            if (session.isListening() && !session.dispatcher().isCalling()) {
                throw new IllegalStateException(
                        "This session has a message listener and is started: it belongs to the listeners' thread and"
                                + " cannot receive synchronously as well (section 6.2.5). Use another session.");
            }
            receiving = Thread.currentThread();
            receiver.onWaiting(1);
        } finally {
            lock.unlock();
        }
    }

    private void end(Receiver receiver) {
        lock.lock();
        try {
            receiving = null;
            receiver.onWaiting(-1);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    private @Nullable Delivery take(Receiver receiver, long timeoutNanos, @Nullable Wanted wanted) throws JMSException {
        long remaining = timeoutNanos;
        lock.lock();
        try {
            while (true) {
                if (session.isClosing() || !receiver.isOpen()) {
                    return null;
                }
                Delivery delivery = session.isStarted() ? receiver.poll(session.nowMs()) : null;
                if (delivery != null) {
                    boolean usable = wanted == null || test(receiver, delivery, wanted);
                    if (delivery.sessionEpoch() != session.epoch()) {
                        continue; // given back while it was looked at; it comes again
                    } else if (session.isClosing() || !receiver.isOpen()) {
                        return null;
                    }
                    return received(receiver, delivery, usable);
                }
                JMSException cause = session.lost() != null ? session.lost() : receiver.failure();
                if (cause != null) {
                    throw JmsErrors.copy(cause);
                }
                if (remaining <= 0) {
                    return null;
                }
                remaining = changed.awaitNanos(Math.min(remaining, TimeUnit.DAYS.toNanos(1)))
                        + Math.max(0, remaining - TimeUnit.DAYS.toNanos(1));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.withCause(new JMSException("Receiving was interrupted.", "MILLRACE_INTERRUPTED"), e);
        } finally {
            lock.unlock();
        }
    }

    /** Looks at a body, without the lock. */
    private boolean test(Receiver receiver, Delivery delivery, Wanted wanted) {
        boolean tested = false;
        lock.unlock();
        try {
            boolean usable = wanted.test(delivery);
            tested = true;
            return usable;
        } finally {
            lock.lock();
            if (!tested && delivery.sessionEpoch() == session.epoch()) {
                receiver.putBack(delivery);
            }
        }
    }

    private Delivery received(Receiver receiver, Delivery delivery, boolean usable) throws MessageFormatException {
        if (usable || !session.mode().keepsUnwanted()) {
            session.mode().onReceived(delivery);
        } else {
            receiver.putBack(delivery);
        }
        if (usable) {
            return delivery;
        }
        throw new MessageFormatException("The next message of " + receiver.destination()
                + " has no body of the type asked for (Jakarta Messaging 3.1, section 8.6).");
    }

    /** Waits for records that another session is to receive, at most so many; there are none when the receiver is over. */
    List<Delivery> handOver(Receiver receiver, int most) throws JMSException {
        lock.lock();
        try {
            while (!session.isOver() && receiver.isOpen()) {
                List<Delivery> taken = new ArrayList<>();
                Delivery next = session.isPulling() ? receiver.poll(session.nowMs()) : null;
                while (next != null) {
                    taken.add(next);
                    next = taken.size() < most ? receiver.poll(session.nowMs()) : null;
                }
                if (!taken.isEmpty()) {
                    return taken;
                }
                JMSException failure = receiver.failure();
                if (failure != null) {
                    throw failure;
                }
                changed.awaitUninterruptibly();
            }
            return List.of();
        } finally {
            lock.unlock();
        }
    }
}
