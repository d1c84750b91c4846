// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.ra.inbound.ActivationState.Connecting;
import io.millrace.ra.inbound.ActivationState.Running;
import io.millrace.ra.inbound.ActivationState.Stopped;
import io.millrace.ra.inbound.ActivationState.Waiting;
import io.millrace.ra.inbound.InboundLink.Activity;
import jakarta.jms.JMSException;
import jakarta.resource.ResourceException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
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
 *
 * <p>Beside the state stands whether an operator has paused it: then it connects, so that subscriptions live, but its link
 * is not started.
 */
final class Activation implements EndpointMXBean {
    private static final Logger LOG = LoggerFactory.getLogger(Activation.class);
    private static final Backoff RECONNECT = new Backoff(200, 10_000);

    private final Container container;
    private final Subscription subscription;
    private final Activity activity;
    private final Tally tally = new Tally(InstantSource.system());
    private final EndpointRegistration registration;
    private final AtomicReference<ActivationState> state = new AtomicReference<>(new Connecting(0));
    private final Set<InboundLink> links = ConcurrentHashMap.newKeySet();
    private final Semaphore connecting = new Semaphore(1);
    private final Object starting = new Object();
    private boolean paused;

    Activation(Container container, Endpoints endpoints, Subscription subscription) {
        this.container = container;
        this.subscription = subscription;
        this.activity = new Activity(subscription, endpoints, container, tally);
        this.registration = EndpointRegistration.of(this, endpoints.name());
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
            // The attempt before is about to end, with its link lost already.
            container.runAt(RECONNECT.afterMs(1), () -> connectSoon(attempt.failures()));
            return;
        }
        try {
            if (attempt.equals(state.get())) {
                onConnected(attempt, InboundLink.open(activity, this::onLost));
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
        LOG.info(
                "Delivering from {} with {} to {} session(s)",
                subscription,
                link.sessions().size(),
                subscription.maxSessions());
        start(link);
    }

    private void start(InboundLink link) {
        try {
            synchronized (starting) {
                if (!paused) {
                    link.start();
                }
            }
        } catch (JMSException e) {
            onLost(new InboundLink.Loss(link, e));
        }
    }

    private boolean isPaused() {
        synchronized (starting) {
            return paused;
        }
    }

    private void paused(boolean nowPaused) {
        synchronized (starting) {
            paused = nowPaused;
        }
        LOG.info("Delivery from {} is {}", subscription, nowPaused ? "paused" : "resumed");
    }

    private void close(InboundLink link) {
        link.close();
        links.remove(link);
    }

    private void onFailed(Connecting attempt, Exception cause) {
        int failures = attempt.failures() + 1;
        if (move(attempt, new Waiting(failures))) {
            tally.onFailure(cause.toString());
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
            tally.onFailure(loss.cause().toString());
            container.runLater(() -> afterLoss(loss.link()), refused -> afterLoss(loss.link()));
            if (!subscription.ordered()) {
                reconnectSoon();
            }
        }
    }

    /** What the bean still does with messages of a lost link is repeated: in order only once it has ended. */
    private void afterLoss(InboundLink link) {
        close(link);
        if (subscription.ordered()) {
            var unused = link.ended().thenRun(this::reconnectSoon);
        }
    }

    private void reconnectSoon() {
        container.runAt(RECONNECT.afterMs(1), () -> onTimer(1));
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
        registration.end();
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

    // ---- for operators

    @Override
    public String getState() {
        ActivationState now = state.get();
        if (now instanceof Running) {
            return isPaused() ? "PAUSED" : "RUNNING";
        }
        return now instanceof Connecting ? "CONNECTING" : now instanceof Waiting ? "WAITING" : "STOPPED";
    }

    @Override
    public String getDestination() {
        return subscription.destination().toString();
    }

    @Override
    public String getBroker() {
        return subscription.settings().effectiveUrl();
    }

    private List<DeliverySession> sessions() {
        return state.get() instanceof Running running ? running.link().sessions() : List.of();
    }

    @Override
    public int getSessions() {
        return sessions().size();
    }

    @Override
    public int getBusySessions() {
        return (int) sessions().stream().filter(DeliverySession::isBusy).count();
    }

    @Override
    public int getMinSessions() {
        return subscription.minSessions();
    }

    @Override
    public int getMaxSessions() {
        return subscription.maxSessions();
    }

    @Override
    public long getDelivered() {
        return tally.delivered();
    }

    @Override
    public long getRolledBack() {
        return tally.rolledBack();
    }

    @Override
    public @Nullable String getLastFailure() {
        Tally.Failure last = tally.last();
        return last == null ? null : last.reason();
    }

    @Override
    public @Nullable String getLastFailureTime() {
        Tally.Failure last = tally.last();
        return last == null ? null : Instant.ofEpochMilli(last.atMs()).toString();
    }

    /** Not under the lock: running deliveries may take long. */
    @Override
    public void pause() {
        paused(true);
        if (state.get() instanceof Running running) {
            try {
                running.link().pause();
            } catch (JMSException e) {
                onLost(new InboundLink.Loss(running.link(), e));
            }
        }
    }

    @Override
    public void resume() {
        paused(false);
        if (state.get() instanceof Running running) {
            start(running.link());
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
