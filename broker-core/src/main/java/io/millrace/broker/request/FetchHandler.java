// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partitions;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;

/** Fetch: reads from the partitions asked for, in full each time: no fetch session is ever opened (KIP-227 allows it). */
final class FetchHandler implements KafkaHandler<FetchRequestData> {
    private final Partitions partitions;
    private final OwnerLoop timers;

    /** @param timers runs the time-outs of parked fetches */
    FetchHandler(Partitions partitions, OwnerLoop timers) {
        this.partitions = partitions;
        this.timers = timers;
    }

    @Override
    public CompletionStage<FetchResponseData> handle(RequestContext context, FetchRequestData request) {
        return new ParkedFetch(partitions, timers, context, request).start();
    }
}
