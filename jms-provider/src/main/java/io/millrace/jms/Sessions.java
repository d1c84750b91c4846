// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import jakarta.jms.JMSException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** The open sessions of a connection, and what happens to all of them. Safe for any thread. */
final class Sessions {
    private final List<MillraceSession> open = new CopyOnWriteArrayList<>();

    void add(MillraceSession session) {
        open.add(session);
    }

    void remove(MillraceSession session) {
        open.remove(session);
    }

    // ---- outages

    void suspend() {
        open.forEach(session -> session.core().suspend());
    }

    CompletableFuture<Void> resubscribe(Routes routes) {
        return CompletableFuture.allOf(
                open.stream().map(session -> session.core().resubscribe(routes)).toArray(CompletableFuture<?>[]::new));
    }

    void resume() {
        open.forEach(session -> session.core().resume());
    }

    void onConnectionLost(JMSException cause) {
        open.forEach(session -> session.core().onConnectionLost(cause));
    }

    // ---- life cycle

    void start() {
        open.forEach(session -> session.core().start());
    }

    /** Fails for a listener of one of them. */
    void checkMayStop() throws JMSException {
        for (MillraceSession session : open) {
            session.checkMayStop();
        }
    }

    /** Returns when no listener runs. */
    void stop() {
        open.forEach(session -> session.core().stop());
    }

    /** Fails for a listener or a completion listener of one of them. */
    void checkMayClose() throws JMSException {
        for (MillraceSession session : open) {
            session.checkMayClose();
        }
    }

    /** Ends delivery; returns once no listener runs and every receive has returned. */
    void shutDown() {
        open.forEach(session -> session.core().shutDown());
    }

    /** Closes all, whatever fails on the way; answers with that. */
    @Nullable
    JMSException close() {
        JMSException failure = null;
        for (MillraceSession session : open) {
            try {
                session.close();
            } catch (JMSException e) {
                failure = JmsErrors.join(failure, e);
            }
        }
        return failure;
    }
}
