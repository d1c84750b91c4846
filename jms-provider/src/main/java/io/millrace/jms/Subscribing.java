// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.protocol.message.PlainResponse;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Opens a receiver at the brokers that lead its destination's partitions. */
final class Subscribing {
    private Subscribing() {}

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
