// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.partition.Completions;
import io.millrace.protocol.message.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The client ids of this broker's links, each of one JMS connection in the cluster (Jakarta Messaging 3.1, section 6.1.2).
 * Of the links of one client incarnation the latest holds the id. Safe for any thread: a monitor that only enqueues.
 */
final class ClientIds {
    private static final int MAX_LENGTH = 1_024;

    private final Cluster cluster;
    private final Map<String, Link> holders = new HashMap<>();

    ClientIds(Cluster cluster) {
        this.cluster = cluster;
    }

    /** Takes the link's client id, if it has one. Fails with {@code IN_USE} when another client has it. */
    synchronized CompletableFuture<Void> claim(Link link) {
        String id = link.clientId();
        if (id == null) {
            return CompletableFuture.completedFuture(null);
        }
        if (id.isEmpty() || id.length() > MAX_LENGTH) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "A client id has " + id.length() + " characters; 1 to " + MAX_LENGTH + " are allowed"));
        }
        Link present = holders.get(id);
        if (present != null && !present.incarnation().equals(link.incarnation())) {
            return CompletableFuture.failedFuture(new DeliveryException(
                    ErrorCode.IN_USE,
                    "Client id \"" + id + "\" is in use by another connection to this broker; close that one, or use"
                            + " another id"));
        }
        holders.put(id, link);
        CompletableFuture<Void> claimed = cluster.claimClientId(id, link.incarnation(), () -> onLost(id));
        Completions.whenDone(claimed, (done, failure) -> {
            if (failure != null) {
                forget(id, link);
            }
        });
        return claimed;
    }

    private synchronized void forget(String id, Link link) {
        holders.remove(id, link);
    }

    private void onLost(String id) {
        Link link;
        synchronized (this) {
            link = holders.remove(id);
        }
        if (link != null) {
            link.disconnect("its client id \"" + id + "\" went to another client while this broker was cut off");
        }
    }

    /** Gives the link's client id back, unless a later link of the same client holds it. */
    synchronized CompletableFuture<Void> release(Link link) {
        String id = link.clientId();
        if (id == null || !holders.remove(id, link)) {
            return CompletableFuture.completedFuture(null);
        }
        return cluster.releaseClientId(id, link.incarnation());
    }
}
