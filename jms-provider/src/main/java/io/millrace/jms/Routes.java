// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.Provider;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** The destinations that a connection has opened. Safe for any thread. */
final class Routes {
    private final Provider provider;
    private final Resumption resumption;
    private final Map<MillraceDestination, Route> known = new ConcurrentHashMap<>();
    /** Those used last: a replier meets no end of temporary destinations. */
    private final Map<MillraceDestination, Route> temporary = Collections.synchronizedMap(new Newest());

    Routes(Provider provider, Resumption resumption) {
        this.provider = provider;
        this.resumption = resumption;
    }

    /** Opens the destination at its first use; waits for the broker. */
    Route to(MillraceDestination destination) throws JMSException {
        Route route = of(destination).get(destination);
        return route != null ? route : open(destination);
    }

    /** Opens the destination, also when it was open: partitions may have moved. Waits for the end of an outage. */
    Route open(MillraceDestination destination) throws JMSException {
        destination.requireName();
        return resumption.whileUp(() -> JmsErrors.await(opening(destination), "Opening " + destination));
    }

    /** Opens the destination; the future completes on a link's thread. */
    CompletableFuture<Route> opening(MillraceDestination destination) {
        return provider.open(destination.getName(), destination.kind())
                .thenCompose(this::linksTo)
                .thenCompose(leaders -> openedAtAll(destination, leaders))
                .thenApply(leaders -> {
                    Route route = new Route(destination, leaders);
                    of(destination).put(destination, route);
                    return route;
                });
    }

    /** Other brokers than the one that was asked hear of a new destination a little later, unless they are told. */
    private CompletableFuture<List<BrokerLink>> openedAtAll(MillraceDestination destination, List<BrokerLink> leaders) {
        if (JmsDestination.isTemporary(destination.getName())) {
            return CompletableFuture.completedFuture(leaders);
        }
        return CompletableFuture.allOf(leaders.stream()
                        .distinct()
                        .filter(leader -> leader != provider.home())
                        .map(leader -> leader.request(
                                new OpenDestination(destination.getName(), destination.kind()),
                                OpenDestination.Response.class))
                        .toArray(CompletableFuture<?>[]::new))
                .thenApply(opened -> leaders);
    }

    private CompletableFuture<List<BrokerLink>> linksTo(List<PartitionLeader> leaders) {
        CompletableFuture<List<BrokerLink>> all = CompletableFuture.completedFuture(List.of());
        for (PartitionLeader leader : leaders) {
            all = all.thenCombine(provider.linkTo(leader), (links, link) -> {
                List<BrokerLink> more = new ArrayList<>(links);
                more.add(link);
                return List.copyOf(more);
            });
        }
        return all;
    }

    /** Completes after a while. */
    CompletableFuture<Void> pause(long ms) {
        CompletableFuture<Void> over = new CompletableFuture<>();
        provider.schedule(() -> over.complete(null), ms);
        return over;
    }

    /** Forgets everything: the brokers were away. */
    void forgetAll() {
        known.clear();
        temporary.clear();
    }

    /** Forgets what may be stale. */
    void forget(MillraceDestination destination) {
        of(destination).remove(destination);
    }

    private Map<MillraceDestination, Route> of(MillraceDestination destination) {
        return JmsDestination.isTemporary(destination.getName()) ? temporary : known;
    }

    private static final class Newest extends LinkedHashMap<MillraceDestination, Route> {
        private static final long serialVersionUID = 1L;
        private static final int MOST = 1_000;

        Newest() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<MillraceDestination, Route> eldest) {
            return size() > MOST;
        }
    }
}
