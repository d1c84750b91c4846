// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.ProviderException;
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

/** Opens a receiver at the brokers that lead its destination's partitions. */
final class Subscribing {
    /** A broker that has just started, or has not noticed yet that the last link is down. */
    private static final Set<ErrorCode> PASSING =
            EnumSet.of(ErrorCode.UNAVAILABLE, ErrorCode.NOT_LEADER, ErrorCode.IN_USE, ErrorCode.INTERNAL);

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
                        routes.opening(receiver.destination())
                                .thenCompose(route -> subscribe(session, receiver, route)),
                        "Creating a consumer of " + receiver.destination());
                return session.add(receiver, outages);
            });
        }
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
        List<CompletableFuture<?>> answers = new ArrayList<>();
        partitions.forEach((link, led) ->
                answers.add(link.request(receiver.how().request(session.id(), receiver, led), PlainResponse.class)));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenRun(() ->
                        session.locked(() -> partitions.keySet().forEach(link -> receiver.addLeg(session.at(link)))));
    }
}
