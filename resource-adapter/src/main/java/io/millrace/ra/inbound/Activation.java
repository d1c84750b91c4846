// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.inbound.ActivationState.Connecting;
import io.millrace.ra.inbound.ActivationState.Running;
import io.millrace.ra.inbound.ActivationState.Stopped;
import io.millrace.ra.inbound.ActivationState.Waiting;
import jakarta.jms.JMSException;
import jakarta.resource.ResourceException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One deployed message-driven bean: keeps a link to the broker for it while it is deployed. Events come from any thread;
 * each moves the state once, by compare-and-set, and what blocks (connecting, closing) runs as a {@code Work} of the
 * container. While the broker is away no thread waits, only a timer.
 *
 * <pre>
 *   Connecting --connected--> Running --link lost--> Waiting --timer--> Connecting
 *   Connecting --failed--> Waiting
 *   any --stop--> Stopped
 * </pre>
 */
final class Activation {
    private static final Logger LOG = LoggerFactory.getLogger(Activation.class);
    private static final Backoff RECONNECT = new Backoff(200, 10_000);

    private final Container container;
    private final Endpoints endpoints;
    private final Subscription subscription;
    private final AtomicReference<ActivationState> state = new AtomicReference<>(new Connecting(0));
    private final Set<InboundLink> links = ConcurrentHashMap.newKeySet();
    private final Semaphore connecting = new Semaphore(1);

    Activation(Container container, Endpoints endpoints, Subscription subscription) {
        this.container = container;
        this.endpoints = endpoints;
        this.subscription = subscription;
    }

    /** Starts to connect; returns at once. */
    void start() {
        connectSoon(0);
    }

    private void connectSoon(int failures) {
        container.runLater(
                () -> connect(new Connecting(failures)), refused -> onFailed(new Connecting(failures), refused));
    }

    private void connect(Connecting attempt) {
        if (!connecting.tryAcquire()) {
            return;
        }
        try {
            if (attempt.equals(state.get())) {
                onConnected(attempt, InboundLink.open(subscription, endpoints, container, this::onLost));
            }
        } catch (ResourceException | JMSException | RuntimeException e) {
            onFailed(attempt, e);
        } finally {
            connecting.release();
        }
    }

    private void onConnected(Connecting attempt, InboundLink link) {
        links.add(link);
        if (!move(attempt, new Running(link))) {
            close(link);
            return;
        }
        LOG.info("Delivering from {} with {} session(s)", subscription, link.sessions());
        try {
            link.start();
        } catch (JMSException e) {
            onLost(new InboundLink.Loss(link, e));
        }
    }

    private void close(InboundLink link) {
        link.close();
        links.remove(link);
    }

    private void onFailed(Connecting attempt, Exception cause) {
        int failures = attempt.failures() + 1;
        if (move(attempt, new Waiting(failures))) {
            long delayMs = RECONNECT.afterMs(failures);
            LOG.warn(
                    "No delivery from {} yet, attempt {} failed, next in {} ms: {}",
                    subscription,
                    failures,
                    delayMs,
                    cause.toString());
            container.runAt(delayMs, () -> onTimer(failures));
        }
    }

    private void onLost(InboundLink.Loss loss) {
        if (move(new Running(loss.link()), new Waiting(1))) {
            LOG.warn(
                    "Lost the connection for {}, connecting again: {}",
                    subscription,
                    loss.cause().toString());
            container.runLater(() -> close(loss.link()), refused -> close(loss.link()));
            container.runAt(RECONNECT.afterMs(1), () -> onTimer(1));
        }
    }

    private void onTimer(int failures) {
        if (move(new Waiting(failures), new Connecting(failures))) {
            connectSoon(failures);
        }
    }

    /**
     * Ends for good: no new delivery starts, running ones, those of a lost link too, have {@link InboundLink#DRAIN_MS} to
     * end and be acknowledged, everything else goes back to the broker. The bean's factory is not used any more when
     * this returns.
     */
    void stop() {
        state.set(new Stopped());
        awaitConnecting();
        links.forEach(this::close);
        LOG.info("Delivery from {} ended", subscription);
    }

    private void awaitConnecting() {
        try {
            if (!connecting.tryAcquire(InboundLink.DRAIN_MS, TimeUnit.MILLISECONDS)) {
                LOG.warn("Still connecting to {}, which ends by itself", subscription);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean move(ActivationState from, ActivationState to) {
        ActivationState current = state.get();
        boolean moved = from.equals(current) && state.compareAndSet(current, to);
        if (moved) {
            LOG.debug("Activation of {}: {} -> {}", subscription, from, to);
        }
        return moved;
    }
}
