// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.share;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.request.KafkaErrors;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** Short ways to {@link KafkaErrors} for the share groups' handlers. */
final class ShareErrors {
    private ShareErrors() {}

    static Errors of(@Nullable Throwable failure) {
        return KafkaErrors.of(failure == null ? new IllegalStateException("neither value nor failure") : failure);
    }

    static String message(@Nullable Throwable failure) {
        return failure == null
                ? "no answer"
                : String.valueOf(Completions.unwrap(failure).getMessage());
    }

    /** The call's future; a failed one when the call throws at once. */
    static <T> CompletableFuture<T> attempt(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }
}
