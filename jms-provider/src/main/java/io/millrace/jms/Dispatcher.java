// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import org.jspecify.annotations.Nullable;

/**
 * The dispatch thread of one session: calls its listeners, one message at a time, from the first listener set until the
 * session is over. What it knows is guarded by the session's lock, which is not held while a listener runs.
 */
final class Dispatcher {
    private static final long LEAST_BACK_OFF_MS = 10;
    private static final long MOST_BACK_OFF_MS = 1_000;
    private static final int MOST_DOUBLINGS = 7;

    private final SessionCore session;
    private final Condition changed;
    private @Nullable Thread thread;
    private @Nullable Delivery running;
    private long resumeAtNanos = System.nanoTime();

    /** @param changed signalled whenever something of the session changes; of the session's lock */
    Dispatcher(SessionCore session, Condition changed) {
        this.session = session;
        this.changed = changed;
    }

    void startOnce() {
        if (thread == null) {
            Thread made = new Thread(this::dispatch, "millrace-session-" + session.id());
            made.setDaemon(true);
            thread = made;
            made.start();
        }
    }

    /** The message whose listener runs now. */
    @Nullable
    Delivery running() {
        return running;
    }

    /** Whether the caller is a listener of this session. */
    boolean isCalling() {
        return running != null && Thread.currentThread() == thread;
    }

    /** Waits until no listener runs, if none may start any more; returns at once for a listener. */
    void awaitIdle() {
        while (running != null && Thread.currentThread() != thread) {
            changed.awaitUninterruptibly();
        }
    }

    /** Waits until the listener has returned from this message; returns at once for the listener itself. */
    void awaitEndOf(Delivery delivery) {
        while (delivery.equals(running) && Thread.currentThread() != thread) {
            changed.awaitUninterruptibly();
        }
    }

    /** No listener is called for a while, longer with each delivery, so that a message that fails always does not spin. */
    void backOff(int earlierDeliveries) {
        long pauseMs = LEAST_BACK_OFF_MS << Math.min(MOST_DOUBLINGS, Math.max(0, earlierDeliveries));
        resumeAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(Math.min(MOST_BACK_OFF_MS, pauseMs));
    }

    /** A message and the listener it is for, taken together. */
    private record Call(Delivery delivery, MessageListener listener) {}

    private void dispatch() {
        Call next = session.lockedGet(this::next);
        while (next != null) {
            try {
                Call call = next;
                Listening.call(session.mode(), call.listener, call.delivery, () -> last(call.delivery));
            } finally {
                session.locked(this::onReturned);
            }
            next = session.lockedGet(this::next);
        }
    }

    /** Calls a listener on the caller's thread, which stands for the dispatch thread meanwhile (chapter 11). */
    void call(Delivery delivery, MessageListener listener) {
        session.locked(() -> {
            thread = Thread.currentThread();
            running = delivery;
            session.mode().onListenerCalled(delivery);
        });
        try {
            Listening.call(session.mode(), listener, delivery, () -> last(delivery));
        } finally {
            session.locked(() -> {
                thread = null;
                onReturned();
            });
        }
    }

    /** What the listener has now that was called with {@code first}. */
    private Delivery last(Delivery first) {
        Delivery now = session.lockedGet(() -> running);
        return now == null ? first : now;
    }

    /** See {@link ListenerBuffers#proceed}. */
    @Nullable
    Message proceed() throws JMSException {
        Delivery done = session.lockedGet(() -> running);
        if (done == null) {
            throw new IllegalStateException("No listener of the session runs.");
        }
        session.mode().onListenerReturned(done);
        Delivery next = session.lockedGet(() -> {
            session.onListenerReturned();
            boolean rests = resumeAtNanos - System.nanoTime() > 0;
            Delivery polled = rests || session.isOver() ? null : session.pollForListener();
            if (polled != null) {
                running = polled;
                session.mode().onListenerCalled(polled);
            }
            return polled;
        });
        return next == null ? null : Messages.received(next, session.mode());
    }

    private void onReturned() {
        running = null;
        session.onListenerReturned();
    }

    /** Waits for a message; {@code null} when the session is over. */
    private @Nullable Call next() {
        while (!session.isOver()) {
            long leftNanos = resumeAtNanos - System.nanoTime();
            if (leftNanos > 0) {
                pause(leftNanos);
                continue;
            }
            Delivery delivery = session.pollForListener();
            MessageListener listener =
                    delivery == null ? null : delivery.receiver().listener();
            if (delivery != null && listener != null) {
                running = delivery;
                session.mode().onListenerCalled(delivery);
                return new Call(delivery, listener);
            }
            changed.awaitUninterruptibly();
        }
        return null;
    }

    private void pause(long nanos) {
        long left = nanos;
        try {
            while (left > 0 && !session.isOver()) {
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            resumeAtNanos = System.nanoTime(); // whoever interrupts this thread wants it to go on
        }
    }
}
