// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.Provider;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.ErrorCode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection going when its links are lost (docs/decisions/0015). Attempts run on the links' thread, one after
 * the other, with growing pauses, until the time limit has passed; whoever must have a link waits meanwhile. Safe for any
 * thread; its monitor is not held while others are called.
 *
 * <pre>
 *   Up --onLost--> Out --attempt succeeds--> Up
 *   Up --onLost, resuming is off--> Lost
 *   Out --time limit, or refused for good--> Lost
 *   any --close--> Lost
 * </pre>
 */
final class Resumption {
    private static final Logger log = LoggerFactory.getLogger(Resumption.class);
    private static final long LEAST_PAUSE_MS = 50;
    private static final long MOST_PAUSE_MS = 2_000;

    private final Owner owner;
    private final long limitMs;
    private State state = new Up();
    private @Nullable Provider provider;
    private @Nullable ProviderException early;

    /** The connection. Called on the links' thread. */
    interface Owner {
        /** The links are down: what the brokers gave out is theirs again. */
        void onSuspended();

        /** Asks the brokers for everything anew; completes when they have granted it. */
        CompletableFuture<Void> resubscribe();

        /** Everything works again. */
        void onResumed();

        /** It is over. */
        void onLost(JMSException cause);
    }

    private sealed interface State permits Up, Out, Lost {}

    private record Up() implements State {}

    /** @param ended completes when the outage is over, normally or with why the connection is lost */
    private record Out(JMSException cause, CompletableFuture<Void> ended) implements State {}

    private record Lost(JMSException cause) implements State {}

    /** @param limitMs how long to try, milliseconds; 0 for not at all */
    Resumption(Owner owner, long limitMs) {
        this.owner = owner;
        this.limitMs = limitMs;
    }

    /** The provider whose losses are told here from now on, and perhaps were already. */
    void bind(Provider bound) {
        ProviderException before;
        synchronized (this) {
            provider = bound;
            before = early;
        }
        if (before != null) {
            bound.schedule(() -> onLost(before), 0);
        }
    }

    boolean isOn() {
        return limitMs > 0;
    }

    // ---- waiting

    /** Returns at once while the links are up; waits for the end of an outage. */
    void awaitUp() throws JMSException {
        State now = state();
        if (now instanceof Out out) {
            JmsErrors.await(out.ended, "Waiting for the broker to come back");
        } else if (now instanceof Lost lost) {
            throw JmsErrors.copy(lost.cause);
        }
    }

    /** Does what can be repeated, again after each outage that interrupts it. */
    <T> T whileUp(JmsErrors.Checked<T> operation) throws JMSException {
        while (true) {
            awaitUp();
            try {
                return operation.call();
            } catch (JMSException e) {
                if (!isOn() || !JmsErrors.isLinkLost(e)) {
                    throw e;
                }
            }
        }
    }

    /** Why the connection is lost; {@code null} while it is not. */
    @Nullable
    JMSException lost() {
        return state() instanceof Lost lost ? lost.cause : null;
    }

    boolean isOut() {
        return state() instanceof Out;
    }

    private synchronized State state() {
        return state;
    }

    // ---- on the links' thread

    void onLost(ProviderException cause) {
        JMSException translated = JmsErrors.of(cause, "The connection");
        Out out = new Out(translated, new CompletableFuture<>());
        Provider bound;
        synchronized (this) {
            if (provider == null) {
                early = cause;
                return;
            }
            if (!(state instanceof Up)) {
                return;
            }
            bound = provider;
            state = out;
        }
        if (!isOn()) {
            giveUp(bound, out, translated);
            return;
        }
        log.info("{}; trying to resume for {} ms", cause.getMessage(), limitMs);
        owner.onSuspended();
        bound.schedule(() -> giveUp(bound, out, timedOut(translated)), limitMs);
        bound.schedule(() -> attempt(bound, out, LEAST_PAUSE_MS), jittered(LEAST_PAUSE_MS));
    }

    private JMSException timedOut(JMSException cause) {
        return JmsErrors.withCause(
                new JMSException(
                        cause.getMessage() + " No broker could be reached for " + limitMs
                                + " ms since (reconnectTimeoutMs).",
                        cause.getErrorCode()),
                cause);
    }

    private void attempt(Provider bound, Out out, long pauseMs) {
        if (state() != out) {
            return;
        }
        var unused = bound.reconnect()
                .thenCompose(connected -> owner.resubscribe())
                .thenCompose(granted -> bound.resumed())
                .whenComplete((lasts, failure) -> {
                    if (failure == null && lasts) {
                        onUp(out);
                    } else if (failure != null && isFinal(failure)) {
                        giveUp(bound, out, JmsErrors.of(failure, "Resuming the connection"));
                    } else {
                        log.debug("Resuming failed, trying again in about {} ms", pauseMs, failure);
                        long next = Math.min(MOST_PAUSE_MS, pauseMs * 2);
                        bound.schedule(() -> attempt(bound, out, next), jittered(pauseMs));
                    }
                });
    }

    /** From half of it to all of it, so that the clients of a broker do not come back at once. */
    private static long jittered(long pauseMs) {
        return ThreadLocalRandom.current().nextLong(pauseMs / 2, pauseMs + 1);
    }

    /** Whether the broker would say the same again. */
    private static boolean isFinal(Throwable failure) {
        Throwable cause =
                failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
        return cause instanceof ProviderException known
                && known.kind() == ProviderException.Kind.REFUSED
                && (known.code() == ErrorCode.NOT_AUTHENTICATED || known.code() == ErrorCode.BAD_REQUEST);
    }

    private void onUp(Out out) {
        synchronized (this) {
            if (state != out) {
                return;
            }
            state = new Up();
        }
        log.info("The connection has resumed");
        owner.onResumed();
        out.ended.complete(null);
    }

    private void giveUp(Provider bound, Out out, JMSException cause) {
        synchronized (this) {
            if (state != out) {
                return;
            }
            state = new Lost(cause);
        }
        bound.fail(ProviderException.linkLost(String.valueOf(cause.getMessage()), cause));
        out.ended.completeExceptionally(cause);
        owner.onLost(cause);
    }

    /** Ends an outage, for the connection is being closed: who waits for it hears so. */
    void endOutage() {
        if (isOut()) {
            close();
        }
    }

    /** The connection is closed: there is nothing to resume any more. Idempotent. */
    void close() {
        IllegalStateException closed = new IllegalStateException("The connection is closed.");
        State before;
        Provider bound;
        synchronized (this) {
            before = state;
            bound = provider;
            if (state instanceof Lost) {
                return;
            }
            state = new Lost(closed);
        }
        if (before instanceof Out out) {
            if (bound != null) {
                bound.fail(ProviderException.linkLost("The connection was closed while it was lost", out.cause));
            }
            out.ended.completeExceptionally(closed);
        }
    }
}
