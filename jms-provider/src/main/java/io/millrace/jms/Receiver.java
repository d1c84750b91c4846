// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.config.ConnectionOptions;
import io.millrace.jms.message.DeserializationPolicy;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledgement;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.PlainResponse;
import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A consumer as its session sees it: the buffer, the listener, the legs. Guarded by the session's lock. */
final class Receiver {
    private final SessionCore session;
    private final long id;
    private final MillraceDestination destination;
    private final Subscription how;
    private final List<Leg> legs = new ArrayList<>();
    private final DeliveryBuffer buffer = new DeliveryBuffer();
    private final Appetite appetite;
    private final long mostBytes;
    /** The highest offset of each partition that the application was given; one number each, which a message changes in place. */
    private final Map<Integer, long[]> given = new HashMap<>();
    /** The same, before the last outage: a broker may not have been told that it was, or that it was settled. */
    private final Map<Integer, Long> givenBeforeOutage = new HashMap<>();

    private @Nullable MessageListener listener;
    private @Nullable JMSException failure;
    private int waiting;
    private boolean givingBack;
    private boolean shut;
    private boolean closed;

    Receiver(SessionCore session, long id, MillraceDestination destination, Subscription how) {
        this.session = session;
        this.id = id;
        this.destination = destination;
        this.how = how;
        this.appetite = new Appetite(
                Math.min(session.leastPrefetch(), session.options().prefetch()),
                session.options().prefetch(),
                session.options().prefetchBytes());
        this.mostBytes =
                ConnectionOptions.BUFFERED_PULLS * (long) session.options().prefetchBytes();
    }

    long id() {
        return id;
    }

    MillraceDestination destination() {
        return destination;
    }

    Subscription how() {
        return how;
    }

    /** What ObjectMessages that it receives may be made of. */
    DeserializationPolicy deserialization() {
        return session.owner().deserialization();
    }

    InstantSource clock() {
        return session.owner().clock();
    }

    void addLeg(SessionLink at) {
        legs.add(new Leg(session, this, at));
    }

    boolean isAt(SessionLink link) {
        return legs.stream().anyMatch(leg -> leg.at() == link);
    }

    boolean isClosed() {
        return closed;
    }

    /** Whether it gives out records. */
    boolean isOpen() {
        return !shut && !closed;
    }

    /** Ends delivery; {@link #close} tells the brokers. */
    void shutDown() {
        shut = true;
        listener = null;
    }

    /** Whether a receive has not returned. */
    boolean isWaitedAt() {
        return waiting > 0;
    }

    /** A receive begins (1) or returns (-1). */
    void onWaiting(int more) {
        waiting += more;
    }

    @Nullable
    JMSException failure() {
        return failure;
    }

    @Nullable
    MessageListener listener() {
        return listener;
    }

    void listen(@Nullable MessageListener newListener) {
        listener = newListener;
    }

    void fail(JMSException cause) {
        if (failure == null && !closed) {
            failure = cause;
            session.onReceiverFailed(this, cause);
        }
    }

    /** How many more records a leg may acquire now: none while the buffer is at least half full, or full of bytes. */
    int credit() {
        int most = appetite.most();
        boolean full = buffer.size() > most / 2 || buffer.bytes() >= mostBytes;
        if (!isOpen() || givingBack || failure != null || legs.isEmpty() || full) {
            return 0;
        }
        return Math.max(1, (most - buffer.size()) / legs.size());
    }

    /** @param bytes how many they were on the wire, together */
    void offer(List<Delivery> arrived, long bytes) {
        appetite.onArrived(arrived.size(), bytes);
        for (Delivery delivery : arrived) {
            Long before = givenBeforeOutage.isEmpty() ? null : givenBeforeOutage.get(delivery.partition());
            buffer.add(before != null && delivery.offset() <= before ? delivery.flagged() : delivery);
        }
        if (givingBack) {
            releaseAll();
        }
        session.onArrived();
    }

    int buffered() {
        return buffer.size();
    }

    /** Releases what is buffered and asks for no more until {@link #takeAgain}; for half as much from then on. */
    void giveBack() {
        if (givingBack || !isOpen()) {
            return;
        }
        givingBack = true;
        appetite.onGivenBack();
        for (Leg leg : legs) {
            var unused = leg.drain(); // its failure is the link's, which is told elsewhere
        }
        releaseAll();
    }

    private void releaseAll() {
        takeBuffered(delivery -> delivery.settle(AckType.RELEASE));
    }

    /** Takes what the application has not had; whoever takes it gives it back. */
    void takeBuffered(Consumer<Delivery> taker) {
        for (Delivery delivery = buffer.poll(); delivery != null; delivery = buffer.poll()) {
            taker.accept(delivery);
        }
    }

    void takeAgain() {
        givingBack = false;
        refill();
    }

    boolean isGivingBack() {
        return givingBack;
    }

    /** The next record that has not expired, or {@code null}. */
    @Nullable
    Delivery poll(long nowMs) {
        Delivery next = buffer.poll();
        while (next != null && next.isExpired(nowMs)) {
            next.settle(AckType.EXPIRED);
            next = buffer.poll();
        }
        if (next != null) {
            appetite.onTaken(buffer.size(), nowMs);
        }
        refill();
        if (next != null) {
            long[] highest = given.computeIfAbsent(next.partition(), any -> new long[] {-1});
            highest[0] = Math.max(highest[0], next.offset());
        }
        return next;
    }

    /** Undoes a {@link #poll}. */
    void putBack(Delivery delivery) {
        buffer.putBack(delivery);
    }

    void refill() {
        legs.forEach(Leg::pullIfWanted);
    }

    /** Forgets what is buffered: the broker gives it out again. */
    void clear() {
        buffer.clear();
    }

    /** The links are down: forgets its part at each broker. What comes again of what the application had is flagged. */
    void detach() {
        given.forEach((partition, highest) -> givenBeforeOutage.put(partition, highest[0]));
        legs.forEach(Leg::close);
        legs.clear();
        buffer.clear();
    }

    CompletableFuture<Void> drain() {
        return CompletableFuture.allOf(legs.stream().map(Leg::drain).toArray(CompletableFuture<?>[]::new));
    }

    /** Ends it here; the futures tell when the brokers know. */
    CompletableFuture<Void> close(@Nullable Delivery inListener) {
        closed = true;
        buffer.clear();
        List<CompletableFuture<?>> closing = new ArrayList<>();
        for (Leg leg : legs) {
            leg.close();
            List<Acknowledgement> receipts = leg.at().flushAndTakeReceipts();
            if (inListener != null && inListener.link() == leg.at()) {
                receipts.add(inListener.acknowledgement(AckType.RECEIPT));
            }
            closing.add(leg.at().link().request(new CloseConsumer(id, receipts), PlainResponse.class));
        }
        return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new));
    }
}
