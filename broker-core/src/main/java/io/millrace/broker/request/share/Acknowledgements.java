// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.delivery.ShareAck;
import io.millrace.broker.delivery.SharePartitions;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.request.KafkaErrors;
import io.millrace.broker.request.KafkaUuids;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Brings the acknowledgements of a request to their partitions. Stateless; safe for any thread. */
record Acknowledgements(SharePartitions shares) {

    /** How a partition's acknowledgement ended. */
    record Result(Errors error, @Nullable String message) {
        static final Result DONE = new Result(Errors.NONE, null);

        static Result of(Throwable failure) {
            return new Result(
                    KafkaErrors.of(failure), Completions.unwrap(failure).getMessage());
        }
    }

    /** Starts them at once, in order; completes when what took effect is durable. Does not fail. */
    CompletableFuture<Map<ShareTarget, Result>> perform(ShareRequest request, UUID member) {
        Map<ShareTarget, CompletableFuture<Result>> started = new LinkedHashMap<>();
        request.acks().keySet().forEach(target -> started.put(target, perform(request, target, member)));
        return CompletableFuture.allOf(started.values().toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> {
                    Map<ShareTarget, Result> results = new LinkedHashMap<>();
                    started.forEach((target, result) -> results.put(target, result.join()));
                    return results;
                });
    }

    private CompletableFuture<Result> perform(ShareRequest request, ShareTarget target, UUID member) {
        try {
            Partition partition = shares.partition(KafkaUuids.fromKafka(target.topicId()), target.partition());
            List<ShareAck> acks = request.acksOf(target);
            return shares.acknowledge(partition, request.key().groupId(), member, acks)
                    .thenApply(done -> Result.DONE)
                    .exceptionally(Result::of);
        } catch (RuntimeException refused) {
            return CompletableFuture.completedFuture(Result.of(refused));
        }
    }
}
