// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.provider;

import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.OpenDestination.PartitionLeader;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** What one JMS connection needs of the brokers. Any thread may call; futures complete on a link's thread. */
public interface Provider {

    /** Names this JMS connection to every broker; fresh for each. */
    UUID clientIncarnation();

    /** The link over which the connection was made. */
    BrokerLink home();

    /** Opens a destination and tells where its partitions are; at least one, in order. */
    CompletableFuture<List<PartitionLeader>> open(String destination, DestinationKind kind);

    /** The link to a partition's leader, made when there is none yet. */
    CompletableFuture<BrokerLink> linkTo(PartitionLeader leader);

    /** Links to all brokers of the cluster, made where there is none yet; at least one. */
    CompletableFuture<List<BrokerLink>> linksToAll();

    /**
     * Makes another link to the broker of a lost one, in the name of the same client: it opens once the broker has taken
     * back what the lost one held. For asking what became of a request; the caller closes it.
     */
    CompletableFuture<BrokerLink> replace(BrokerLink lost);

    /**
     * Tries once to connect again after a loss: to a broker of the URL and to those that sends wait for. Requests and
     * sends work over what was connected, but a further loss is not told before {@link #resumed}.
     */
    CompletableFuture<Void> reconnect();

    /** Ends the outage: whether nothing was lost again since {@link #reconnect}; else it must be called anew. */
    CompletableFuture<Boolean> resumed();

    /** Runs a task on the links' thread after a delay; not at all when the provider was closed by then. */
    void schedule(Runnable task, long delayMs);

    /** Gives up: every link is closed, pending requests and sends fail with this. Only {@link #close} may follow. */
    void fail(ProviderException cause);

    /** Tells every broker that the connection ends; completes when they have freed all it held, its client id too. */
    CompletableFuture<Void> disconnect();

    /** Closes every link; pending requests fail. Idempotent; does not call the listener. */
    void close();

    /**
     * Hears of the loss of a link, once until {@link #resumed}, on the links' thread. By then every link is down:
     * requests fail with {@link ProviderException.Kind#LINK_LOST}, sends wait.
     */
    interface Listener {
        void onLost(ProviderException cause);
    }
}
