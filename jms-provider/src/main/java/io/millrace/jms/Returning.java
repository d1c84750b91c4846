// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.Acknowledge;
import io.millrace.protocol.message.Acknowledgement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Gives back a part of what a session has received, and all that it has buffered, so that the part comes again before what
 * was behind it; the session keeps what else it has received. (A recovery gives back everything, in one round trip less.)
 */
final class Returning {
    private Returning() {}

    /**
     * Does not wait. Completes once the brokers have it; exceptionally when one has not answered. One that the session
     * did not hold any more, because it went back before, is no failure.
     */
    static CompletableFuture<Void> of(SessionCore session, Map<SessionLink, List<Acknowledgement>> received) {
        Map<SessionLink, List<Acknowledgement>> all = new LinkedHashMap<>();
        received.forEach((at, acks) -> all.put(at, new ArrayList<>(acks)));
        return locked(session, () -> {
                    takeBuffered(session, all); // at once: nobody receives what is behind
                    return session.pausePulling();
                })
                .thenCompose(drained -> locked(session, () -> {
                    takeBuffered(session, all); // what was on its way
                    return release(all);
                }))
                .whenComplete((done, failure) -> session.locked(session::goOnPulling));
    }

    private static CompletableFuture<Void> locked(SessionCore session, Supplier<CompletableFuture<Void>> action) {
        return Objects.requireNonNull(session.lockedGet(action));
    }

    private static void takeBuffered(SessionCore session, Map<SessionLink, List<Acknowledgement>> into) {
        session.takeBuffered(delivery -> SessionLink.append(
                into.computeIfAbsent(delivery.link(), any -> new ArrayList<>()),
                delivery.acknowledgement(AckType.RELEASE)));
    }

    /** Receipts first: a release keeps the delivery count that these raise. */
    private static CompletableFuture<Void> release(Map<SessionLink, List<Acknowledgement>> all) {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        all.forEach((at, acks) -> {
            List<Acknowledgement> told = at.flushAndTakeReceipts();
            told.addAll(acks);
            answers.add(at.link()
                    .request(new Acknowledge(at.sessionId(), told, true), Acknowledge.Response.class)
                    .handle(Returning::unlessStale));
        });
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new));
    }

    private static @Nullable Void unlessStale(Acknowledge.@Nullable Response answer, @Nullable Throwable failure) {
        Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
        if (cause != null
                && !(cause instanceof ProviderException known && known.kind() == ProviderException.Kind.REFUSED)) {
            throw new CompletionException(cause);
        }
        return null;
    }
}
