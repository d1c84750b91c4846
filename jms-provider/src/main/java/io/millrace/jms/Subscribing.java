// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.message.CloseConsumer;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.PlainResponse;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** Opens a receiver at the brokers that lead its destination's partitions. */
final class Subscribing {
    /** A broker that has just started, or has not noticed yet that the last link is down. */
    private static final Set<ErrorCode> PASSING =
            EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.NOT_LEADER, ErrorCode.IN_USE, ErrorCode.INTERNAL);

    private static final long MOVING_PAUSE_MS = 50;

    private Subscribing() {}

    /** Opens a new receiver and makes it one of its session's; once more when an outage comes between. */
    static void open(SessionCore session, Receiver receiver, Routes routes) throws JMSException {
        Resumption resumption = session.owner().resumption();
        boolean added = false;
        while (!added) {
            added = resumption.whileUp(() -> {
                int outages = session.outages();
                session.locked(receiver::detach);
                JmsErrors.await(
                        once(session, receiver, routes, System.nanoTime()),
                        "Creating a consumer of " + receiver.destination());
                return session.add(receiver, outages);
            });
        }
    }

    /** Subscribes; again after a while when a partition is on its way to a broker, as one that was made just now is. */
    private static CompletableFuture<Void> once(
            SessionCore session, Receiver receiver, Routes routes, long sinceNanos) {
        return routes.opening(receiver.destination())
                .thenCompose(route -> subscribe(session, receiver, route))
                .exceptionallyCompose(failure -> {
                    long passedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sinceNanos);
                    return isMoving(failure) && passedMs < session.options().requestTimeoutMs()
                            ? routes.pause(MOVING_PAUSE_MS)
                                    .thenCompose(again -> once(session, receiver, routes, sinceNanos))
                            : CompletableFuture.failedFuture(failure);
                });
    }

    /** Whether a partition is not served where it was said to be. */
    private static boolean isMoving(Throwable failure) {
        return JmsErrors.of(failure, "").getCause() instanceof ProviderException known
                && known.kind() == ProviderException.Kind.REFUSED
                && known.code() == ErrorCode.NOT_LEADER;
    }

    /** Opens a receiver that was open before an outage; one that is refused for good fails by itself. */
    static CompletableFuture<Void> again(SessionCore session, Receiver receiver, Routes routes) {
        return routes.opening(receiver.destination())
                .thenCompose(route -> subscribe(session, receiver, route))
                .exceptionally(failure -> {
                    JMSException translated =
                            JmsErrors.of(failure, "Resuming the consumer of " + receiver.destination());
                    if (!isFinal(translated)) {
                        throw new CompletionException(failure);
                    }
                    session.locked(() -> receiver.fail(translated));
                    return null;
                });
    }

    /** Whether the broker refused, and would again. */
    private static boolean isFinal(JMSException failure) {
        return failure.getCause() instanceof ProviderException known
                && known.kind() == ProviderException.Kind.REFUSED
                && !PASSING.contains(known.code());
    }

    /** Completes once every broker has fixed where the receiver starts; it has a leg at each then. */
    static CompletableFuture<Void> subscribe(SessionCore session, Receiver receiver, Route route) {
        Map<BrokerLink, List<Integer>> partitions = new LinkedHashMap<>();
        for (int partition = 0; partition < route.leaders().size(); partition++) {
            partitions
                    .computeIfAbsent(route.leaders().get(partition), link -> new ArrayList<>())
                    .add(partition);
        }
        Map<BrokerLink, CompletableFuture<?>> answers = new LinkedHashMap<>();
        partitions.forEach((link, led) -> answers.put(
                link, link.request(receiver.how().request(session.id(), receiver, led), PlainResponse.class)));
        return CompletableFuture.allOf(answers.values().toArray(CompletableFuture<?>[]::new))
                .thenRun(() ->
                        session.locked(() -> partitions.keySet().forEach(link -> receiver.addLeg(session.at(link)))))
                .exceptionallyCompose(failure ->
                        undo(receiver, answers).thenCompose(undone -> CompletableFuture.failedFuture(failure)));
    }

    /** One broker refused: the consumer ends at those that did not. */
    private static CompletableFuture<Void> undo(Receiver receiver, Map<BrokerLink, CompletableFuture<?>> answers) {
        List<CompletableFuture<?>> closing = new ArrayList<>();
        answers.forEach((link, answer) -> {
            if (!answer.isCompletedExceptionally()) {
                closing.add(link.request(new CloseConsumer(receiver.id(), List.of()), PlainResponse.class));
            }
        });
        return CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new))
                .handle((done, unreachable) -> null); // who cannot be told has lost the link, and the consumer with it
    }
}
