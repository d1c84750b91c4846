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

    /**
     * Makes another link to the broker of a lost one, in the name of the same client: it opens once the broker has taken
     * back what the lost one held. For asking what became of a request; the caller closes it.
     */
    CompletableFuture<BrokerLink> replace(BrokerLink lost);

    /** Closes every link; pending requests fail. Idempotent; does not call the listener. */
    void close();

    /** Hears of the loss of a link, once, on that link's thread; the provider is of no use afterwards. */
    interface Listener {
        void onLost(ProviderException cause);
    }
}
