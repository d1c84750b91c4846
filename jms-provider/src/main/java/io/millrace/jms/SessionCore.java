// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.message.DeserializationPolicy;
import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.BundleIds;
import io.millrace.protocol.message.Redelivery;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The delivery side of a session, a monitor: link threads put records in, the application's threads and the dispatch
 * thread take them out. All of it, receivers and legs included, is guarded by one lock that is never held while
 * application code or the network is waited for.
 */
final class SessionCore {

    /** What a session must know of its connection. */
    interface Owner {
        ConnectionOptions options();

        DeserializationPolicy deserialization();

        InstantSource clock();

        /** See {@link io.millrace.jms.provider.Provider#replace}. */
        CompletableFuture<BrokerLink> replace(BrokerLink lost);

        Resumption resumption();

        void onReceiverFailed(JMSException cause);
    }

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final Owner owner;
    private final long id;
    private final SessionLinks links;
    private final Unapplied unapplied = new Unapplied();
    private final BundleIds bundleIds = BundleIds.ofNewSession();
    private final List<Receiver> receivers = new ArrayList<>();
    private SessionMode mode;
    private boolean started;
    /** How many give messages back just now; nothing is pulled meanwhile. */
    private int givingBack;

    private boolean suspended;
    private boolean closing;
    private boolean closed;
    private @Nullable JMSException lost;
    private volatile Redelivery redelivery = Redelivery.OF_DESTINATION;
    private volatile int leastPrefetch = Integer.MAX_VALUE;
    private final Dispatcher dispatcher = new Dispatcher(this, changed);
    private final ServerSessionWork work = new ServerSessionWork(this);
    private final SyncReceive receiving = new SyncReceive(this, lock, changed);

    SessionCore(Owner owner, long id, int acknowledgeMode) {
        this.owner = owner;
        this.id = id;
        this.links = new SessionLinks(id);
        this.mode = new AutoMode(this, acknowledgeMode);
    }

    void mode(SessionMode newMode) {
        mode = newMode;
    }

    SessionMode mode() {
        return mode;
    }

    /** What its transactions have left to be applied. */
    Unapplied unapplied() {
        return unapplied;
    }

    /** Names what this session commits. */
    BundleIds bundleIds() {
        return bundleIds;
    }

    long id() {
        return id;
    }

    Owner owner() {
        return owner;
    }

    ConnectionOptions options() {
        return owner.options();
    }

    /** What consumers that are opened from now on ask for. */
    Redelivery redelivery() {
        return redelivery;
    }

    void redelivery(Redelivery newRedelivery) {
        redelivery = newRedelivery;
    }

    /** How many messages consumers that are opened from now on buffer at least, however slow; at most the prefetch. */
    int leastPrefetch() {
        return leastPrefetch;
    }

    void leastPrefetch(int newLeast) {
        leastPrefetch = newLeast;
    }

    void locked(Runnable action) {
        lock.lock();
        try {
            action.run();
        } finally {
            lock.unlock();
        }
    }

    <T> @Nullable T lockedGet(Supplier<@Nullable T> action) {
        lock.lock();
        try {
            return action.get();
        } finally {
            lock.unlock();
        }
    }

    // ---- with the lock

    boolean isOver() {
        return closing || closed || lost != null;
    }

    Dispatcher dispatcher() {
        return dispatcher;
    }

    ServerSessionWork work() {
        return work;
    }

    SyncReceive receiving() {
        return receiving;
    }

    boolean isClosing() {
        return closing || closed;
    }

    boolean isStarted() {
        return started;
    }

    /** Whether it belongs to the thread that calls its listeners (section 6.2.5). */
    boolean isListening() {
        if (started) {
            for (Receiver receiver : receivers) {
                if (receiver.listener() != null) {
                    return true;
                }
            }
        }
        return false;
    }

    long nowMs() {
        return owner.clock().millis();
    }

    /** Waits until the session is started; answers whether it is, and not over. */
    boolean awaitStarted() {
        while (!started && !isOver()) {
            changed.awaitUninterruptibly();
        }
        return !isOver();
    }

    /** The next message for a listener, from each consumer in turn. */
    @Nullable
    Delivery pollForListener() {
        if (!isPulling()) {
            return null;
        }
        for (Receiver receiver : receivers) {
            Delivery delivery = receiver.listener() == null
                    ? null
                    : receiver.poll(owner.clock().millis());
            if (delivery != null) {
                receivers.remove(receiver);
                receivers.add(receiver);
                return delivery;
            }
        }
        return null;
    }

    /** Whether an outage has taken the delivery from the session. */
    boolean isGone(Delivery delivery) {
        return links.isGone(delivery);
    }

    void backOff(Delivery failed) {
        dispatcher.backOff(failed.earlierDeliveries());
    }

    int epoch() {
        return links.epoch();
    }

    boolean isPulling() {
        return started && givingBack == 0 && !suspended && !closing && !closed && lost == null;
    }

    @Nullable
    Delivery inListener() {
        return dispatcher.running();
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

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /** Why the connection is lost; {@code null} while it is not. */
    @Nullable
    JMSException lost() {
        lock.lock();
        try {
            return lost;
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
                throw JmsErrors.copy(lost);
            }
        } finally {
            lock.unlock();
        }
    }

    void start() {
        locked(() -> {
            started = true;
            receivers.forEach(Receiver::takeAgain);
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
            dispatcher.awaitIdle();
        } finally {
            lock.unlock();
        }
    }

    boolean isInListener() {
        lock.lock();
        try {
            return dispatcher.isCalling();
        } finally {
            lock.unlock();
        }
    }

    /** The connection is gone: whoever waits here hears of it. */
    void onConnectionLost(JMSException cause) {
        locked(() -> {
            lost = cause;
            changed.signalAll();
        });
    }

    /**
     * Ends delivery, and returns once no listener runs and every receive has returned. Until {@link #close} the session
     * can be used otherwise, as a running listener does (section 6.1.8). Not for a listener.
     */
    void shutDown() {
        lock.lock();
        try {
            closing = true;
            changed.signalAll();
            dispatcher.awaitIdle();
            while (receivers.stream().anyMatch(Receiver::isWaitedAt)) {
                changed.awaitUninterruptibly();
            }
        } finally {
            lock.unlock();
        }
    }

    /** Call {@link #shutDown} before. */
    void close() throws JMSException {
        List<CompletableFuture<?>> answers;
        lock.lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            changed.signalAll();
            answers = links.close();
            receivers.forEach(Receiver::clear);
            work.onRecover();
        } finally {
            lock.unlock();
        }
        Answers.awaitUnlessLost(answers, "Closing the session");
    }

    // ---- outages

    /** The links are down: what was buffered or received is the brokers' again. */
    void suspend() {
        locked(() -> {
            suspended = true;
            links.onOutage();
            mode.onOutage();
            detach();
            changed.signalAll();
        });
    }

    private void detach() {
        receivers.forEach(Receiver::detach);
        links.detach();
    }

    /** Opens every receiver anew; one that is refused fails, whoever waits there hears of it. */
    CompletableFuture<Void> resubscribe(Routes routes) {
        List<Receiver> all = new ArrayList<>();
        locked(() -> {
            detach();
            receivers.stream().filter(Receiver::isOpen).forEach(all::add);
        });
        return CompletableFuture.allOf(all.stream()
                .map(receiver -> Subscribing.again(this, receiver, routes))
                .toArray(CompletableFuture<?>[]::new));
    }

    void resume() {
        locked(() -> {
            suspended = false;
            receivers.forEach(Receiver::refill);
            changed.signalAll();
        });
    }

    // ---- consumers

    /** The session's part at a broker, made when there is none yet; the broker then learns the session's epoch. */
    SessionLink at(BrokerLink link) {
        lock.lock();
        try {
            return links.at(link);
        } finally {
            lock.unlock();
        }
    }

    /** How often the links were lost. */
    int outages() {
        lock.lock();
        try {
            return links.outages();
        } finally {
            lock.unlock();
        }
    }

    /** Adds a receiver that was opened since so many outages; {@code false} when there was one more since. */
    boolean add(Receiver receiver, int outagesBefore) {
        lock.lock();
        try {
            if (links.outages() != outagesBefore) {
                receiver.detach();
                return false;
            }
            receivers.add(receiver);
            receiver.refill();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Returns once its listener has returned and every receive has; a listener does not wait for itself. */
    void close(Receiver receiver) throws JMSException {
        CompletableFuture<Void> answer;
        lock.lock();
        try {
            if (receiver.isClosed() || closed) {
                return;
            }
            receiver.shutDown();
            changed.signalAll();
            Delivery current = dispatcher.running();
            if (current != null && current.receiver() == receiver) {
                dispatcher.awaitEndOf(current);
            }
            while (receiver.isWaitedAt()) {
                changed.awaitUninterruptibly();
            }
            if (receiver.isClosed() || closed) {
                return;
            }
            Delivery still = dispatcher.running();
            answer = receiver.close(still != null && still.receiver() == receiver ? still : null);
            receivers.remove(receiver);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        Answers.awaitUnlessLost(List.of(answer), "Closing the consumer");
    }

    void listen(Receiver receiver, @Nullable MessageListener listener) {
        locked(() -> {
            receiver.listen(listener);
            if (listener != null) {
                dispatcher.startOnce();
            }
            changed.signalAll();
        });
    }

    /** How many messages wait in the buffers. */
    int buffered() {
        lock.lock();
        try {
            return receivers.stream().mapToInt(Receiver::buffered).sum();
        } finally {
            lock.unlock();
        }
    }

    /** See {@link ListenerBuffers#giveBack}. */
    void giveBack() {
        locked(() -> {
            if (dispatcher.running() != null || !started) {
                receivers.forEach(Receiver::giveBack);
            }
        });
    }

    /** A listener has returned: there is time for more. */
    void onListenerReturned() {
        for (Receiver receiver : receivers) {
            if (receiver.isGivingBack()) {
                receiver.takeAgain();
            }
        }
        changed.signalAll();
    }

    boolean hasReceivers() {
        lock.lock();
        try {
            return !receivers.isEmpty();
        } finally {
            lock.unlock();
        }
    }

    // ---- recovery

    /** Returns everything to the brokers and starts the next epoch; they deliver it again, in order. */
    void recover() throws JMSException {
        List<CompletableFuture<?>> answers;
        lock.lock();
        try {
            links.nextEpoch();
            givingBack++;
            List<Acknowledgement> extra = mode.onRecover();
            work.onRecover();
            receivers.forEach(Receiver::clear);
            answers = links.recover(dispatcher.running(), extra);
        } finally {
            lock.unlock();
        }
        try {
            Answers.awaitUnlessOut(answers, "Recovering the session", owner.resumption());
        } finally {
            locked(this::goOnPulling);
        }
    }

    // ---- returning a part, see Returning; with the lock

    /** Pulls no more until {@link #goOnPulling}; completes once nothing is on its way. */
    CompletableFuture<Void> pausePulling() {
        givingBack++;
        return CompletableFuture.allOf(receivers.stream().map(Receiver::drain).toArray(CompletableFuture<?>[]::new));
    }

    void goOnPulling() {
        givingBack--;
        receivers.forEach(Receiver::refill);
        changed.signalAll();
    }

    /** Takes what no listener or caller has had. */
    void takeBuffered(Consumer<Delivery> taker) {
        receivers.forEach(receiver -> receiver.takeBuffered(taker));
    }
}
