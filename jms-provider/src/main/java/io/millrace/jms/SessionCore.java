// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.CloseSession;
import io.millrace.protocol.message.PlainResponse;
import io.millrace.protocol.message.RecoverSession;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The delivery side of a session, a monitor: link threads put records in, the application's threads and the dispatch
 * thread take them out. All of it, receivers and legs included, is guarded by one lock that is never held while
 * application code or the network is waited for.
 */
final class SessionCore {

    /** What a session must know of its connection. */
    interface Owner {
        int prefetch();

        int prefetchBytes();

        InstantSource clock();

        void onReceiverFailed(JMSException cause);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Owner owner;
    private final long id;
    private final Map<BrokerLink, SessionLink> links = new LinkedHashMap<>();
    private final List<Receiver> receivers = new ArrayList<>();
    private SessionMode mode;
    private int epoch;
    private boolean started;
    private boolean recovering;
    private boolean closed;
    private @Nullable JMSException lost;
    private @Nullable Thread dispatcher;
    private @Nullable Delivery inListener;

    SessionCore(Owner owner, long id, int acknowledgeMode) {
        this.owner = owner;
        this.id = id;
        this.mode = new AutoMode(this, acknowledgeMode);
    }

    void mode(SessionMode newMode) {
        mode = newMode;
    }

    SessionMode mode() {
        return mode;
    }

    long id() {
        return id;
    }

    int prefetch() {
        return owner.prefetch();
    }

    int prefetchBytes() {
        return owner.prefetchBytes();
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    // ---- read with the lock

    int epoch() {
        return epoch;
    }

    boolean isPulling() {
        return started && !recovering && !closed && lost == null;
    }

    @Nullable
    Delivery inListener() {
        return inListener;
    }

    void onArrived() {
        changed.signalAll();
    }

    void onReceiverFailed(Receiver receiver, JMSException cause) {
        changed.signalAll();
        if (receiver.listener() != null) {
            owner.onReceiverFailed(cause);
        }
    }

    // ---- life cycle

    boolean isOpen() {
        lock.lock();
        try {
            return !closed && lost == null;
        } finally {
            lock.unlock();
        }
    }

    void checkOpen() throws JMSException {
        lock.lock();
        try {
            if (closed) {
                throw new IllegalStateException("The session is closed.");
            }
            if (lost != null) {
                throw copy(lost);
            }
        } finally {
            lock.unlock();
        }
    }

    void start() {
        locked(() -> {
            started = true;
            receivers.forEach(Receiver::refill);
            changed.signalAll();
        });
    }

    /** Stops delivery; returns when no listener runs. */
    void stop() {
        lock.lock();
        try {
            started = false;
            for (Receiver receiver : receivers) {
                var unused = receiver.drain(); // its failure is the link's, which is told elsewhere
            }
            awaitListener();
        } finally {
            lock.unlock();
        }
    }

    boolean isInListener() {
        lock.lock();
        try {
            return inListener != null && Thread.currentThread() == dispatcher;
        } finally {
            lock.unlock();
        }
    }

    private void awaitListener() {
        while (inListener != null && Thread.currentThread() != dispatcher) {
            changed.awaitUninterruptibly();
        }
    }

    /** The connection is gone: whoever waits here hears of it. */
    void onConnectionLost(JMSException cause) {
        locked(() -> {
            lost = cause;
            changed.signalAll();
        });
    }

    void close() throws JMSException {
        List<CompletableFuture<?>> closing = new ArrayList<>();
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
            awaitListener();
            for (SessionLink link : links.values()) {
                List<Acknowledgement> receipts = link.flushAndTakeReceipts();
                closing.add(link.link().request(new CloseSession(id, receipts), PlainResponse.class));
            }
            receivers.forEach(Receiver::clear);
        } finally {
            lock.unlock();
        }
        awaitUnlessLost(closing, "Closing the session");
    }

    private void awaitUnlessLost(List<CompletableFuture<?>> answers, String what) throws JMSException {
        try {
            for (CompletableFuture<?> answer : answers) {
                JmsErrors.await(answer, what);
            }
        } catch (JMSException e) {
            if (isLost()) {
                return;
            }
            throw e;
        }
    }

    private boolean isLost() {
        lock.lock();
        try {
            return lost != null;
        } finally {
            lock.unlock();
        }
    }

    // ---- consumers

    /** The session's part at a broker, made when there is none yet. */
    SessionLink at(BrokerLink link) {
        lock.lock();
        try {
            return links.computeIfAbsent(link, broker -> new SessionLink(broker, id));
        } finally {
            lock.unlock();
        }
    }

    void add(Receiver receiver) {
        locked(() -> {
            receivers.add(receiver);
            receiver.refill();
        });
    }

    void close(Receiver receiver) throws JMSException {
        CompletableFuture<Void> closing;
        lock.lock();
        try {
            if (receiver.isClosed() || closed) {
                return;
            }
            Delivery current = inListener;
            if (current != null && current.receiver() == receiver) {
                receiver.listen(null);
                awaitListener();
            }
            closing = receiver.close(inListener != null && inListener.receiver() == receiver ? inListener : null);
            receivers.remove(receiver);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        awaitUnlessLost(List.of(closing), "Closing the consumer");
    }

    void listen(Receiver receiver, @Nullable MessageListener listener) {
        locked(() -> {
            receiver.listen(listener);
            if (listener != null && dispatcher == null) {
                dispatcher = new Thread(this::dispatch, "millrace-session-" + id);
                dispatcher.setDaemon(true);
                dispatcher.start();
            }
            changed.signalAll();
        });
    }

    /** Waits without end, until a record is there or the receiver or session closes. */
    @Nullable
    Delivery take(Receiver receiver) throws JMSException {
        return take(receiver, Long.MAX_VALUE);
    }

    /**
     * Waits, at most that long, and then asks the brokers whether anything is on its way.
     *
     * @param timeoutNanos 0 asks at once
     */
    @Nullable
    Delivery takeWithin(Receiver receiver, long timeoutNanos) throws JMSException {
        Delivery delivery = take(receiver, timeoutNanos);
        if (delivery != null) {
            return delivery;
        }
        CompletableFuture<Void> drained;
        lock.lock();
        try {
            if (!isPulling() || receiver.isClosed()) {
                return null;
            }
            drained = receiver.drain();
        } finally {
            lock.unlock();
        }
        JmsErrors.await(drained, "Receiving from " + receiver.destination());
        return take(receiver, 0);
    }

    private @Nullable Delivery take(Receiver receiver, long timeoutNanos) throws JMSException {
        long remaining = timeoutNanos;
        lock.lock();
        try {
            while (true) {
                if (closed || receiver.isClosed()) {
                    return null;
                }
                Delivery delivery = started ? receiver.poll(owner.clock().millis()) : null;
                if (delivery != null) {
                    mode.onReceived(delivery);
                    return delivery;
                }
                JMSException cause = lost != null ? lost : receiver.failure();
                if (cause != null) {
                    throw copy(cause);
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

    private static JMSException copy(JMSException cause) {
        return JmsErrors.withCause(new JMSException(cause.getMessage(), cause.getErrorCode()), cause);
    }

    // ---- the dispatch thread

    private void dispatch() {
        Delivery next = nextForListener();
        while (next != null) {
            MessageListener listener = next.receiver().listener();
            try {
                if (listener != null) {
                    Listening.call(mode, listener, next);
                }
            } finally {
                onListenerDone();
            }
            next = nextForListener();
        }
    }

    private void onListenerDone() {
        locked(() -> {
            inListener = null;
            changed.signalAll();
        });
    }

    private @Nullable Delivery nextForListener() {
        lock.lock();
        try {
            while (!closed && lost == null) {
                if (started && !recovering) {
                    for (Receiver receiver : receivers) {
                        Delivery delivery = receiver.listener() == null
                                ? null
                                : receiver.poll(owner.clock().millis());
                        if (delivery != null) {
                            inListener = delivery;
                            mode.onListenerCalled(delivery);
                            return delivery;
                        }
                    }
                }
                changed.awaitUninterruptibly();
            }
            return null;
        } finally {
            lock.unlock();
        }
    }

    // ---- recovery

    /** Returns everything to the brokers and starts the next epoch; they deliver it again, in order. */
    void recover() throws JMSException {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        lock.lock();
        try {
            epoch++;
            recovering = true;
            List<Acknowledgement> extra = mode.onRecover();
            receivers.forEach(Receiver::clear);
            for (SessionLink link : links.values()) {
                List<Acknowledgement> receipts = link.flushAndTakeReceipts();
                Delivery current = inListener;
                if (current != null && current.link() == link) {
                    receipts.addAll(extra);
                }
                answers.add(link.link().request(new RecoverSession(id, epoch, receipts), PlainResponse.class));
            }
        } finally {
            lock.unlock();
        }
        try {
            for (CompletableFuture<?> answer : answers) {
                JmsErrors.await(answer, "Recovering the session");
            }
        } finally {
            locked(() -> {
                recovering = false;
                receivers.forEach(Receiver::refill);
                changed.signalAll();
            });
        }
    }
}
