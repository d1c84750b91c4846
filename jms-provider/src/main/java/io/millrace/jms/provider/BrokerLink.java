// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.provider;

import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.message.Feature;
import io.millrace.protocol.message.MillraceRequest;
import io.millrace.protocol.message.MillraceResponse;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/**
 * The way of one JMS connection to one broker. Any thread may call; requests leave in the order of the calls of one
 * thread, futures complete on the link's own thread, in bounded time, with a {@link ProviderException} on failure.
 */
public interface BrokerLink {

    int brokerId();

    /** Where the broker is, for messages. */
    String address();

    Set<Feature> features();

    /** How long the broker may stay silent, milliseconds: a parked pull must be answered well before. */
    int heartbeatTimeoutMs();

    /**
     * Sends a request of Millrace's own and takes it over. An answer that is not OK fails the future; one that comes
     * after the future ended is released.
     *
     * @param extraWaitMs what the request may be parked on top of the request time-out, milliseconds
     */
    <R extends MillraceResponse> CompletableFuture<R> request(
            MillraceRequest request, Class<R> answerType, long extraWaitMs);

    default <R extends MillraceResponse> CompletableFuture<R> request(MillraceRequest request, Class<R> answerType) {
        return request(request, answerType, 0);
    }

    /** Appends a record to a partition that this broker leads; completes with its offset once it is durable. */
    CompletableFuture<Long> send(String topic, int partition, OutgoingRecord record);

    /** Runs a task on the link's own thread after a delay; not at all when the link has ended by then. */
    void schedule(Runnable task, long delayMs);

    /** Closes the link; pending requests fail. Completes when the TCP connection is closed. */
    CompletableFuture<Void> close();
}
