// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.jms.provider.BrokerLink;
import io.millrace.jms.provider.Provider;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The destinations that a connection has opened. Safe for any thread. */
final class Routes {
    private final Provider provider;
    private final Map<MillraceDestination, Route> known = new ConcurrentHashMap<>();
    /** Those used last: a replier meets no end of temporary destinations. */
    private final Map<MillraceDestination, Route> temporary = Collections.synchronizedMap(new Newest());

    Routes(Provider provider) {
        this.provider = provider;
    }

    /** Opens the destination at its first use; waits for the broker. */
    Route to(MillraceDestination destination) throws JMSException {
        Route route = of(destination).get(destination);
        return route != null ? route : open(destination);
    }

    /** Opens the destination, also when it was open: partitions may have moved. */
    Route open(MillraceDestination destination) throws JMSException {
        String what = "Opening " + destination;
        List<BrokerLink> leaders = new ArrayList<>();
        for (PartitionLeader leader :
                JmsErrors.await(provider.open(destination.requireName(), destination.kind()), what)) {
            leaders.add(JmsErrors.await(provider.linkTo(leader), what));
        }
        Route route = new Route(destination, List.copyOf(leaders));
        of(destination).put(destination, route);
        return route;
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
