// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Calls from one loop to another. */
final class Calls {
    private Calls() {}

    /** Runs {@code call} on {@code target}; the future ends as its stage does, on whatever thread that is. */
    static <T> CompletableFuture<T> on(Executor target, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        target.execute(() -> {
            try {
                forward(call.get(), answer);
            } catch (RuntimeException refused) {
                answer.completeExceptionally(refused);
            }
        });
        return answer;
    }

    /** The stage of {@code call}, which may also fail by throwing. */
    static <T> CompletableFuture<T> attempt(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    /** Runs {@code action} on {@code target}. */
    static CompletableFuture<Void> run(Executor target, Runnable action) {
        return on(target, () -> {
            action.run();
            return CompletableFuture.completedFuture(null);
        });
    }

    /** Ends {@code to} as {@code from} ends. */
    static <T> void forward(CompletableFuture<? extends T> from, CompletableFuture<T> to) {
        Completions.whenDone(from, (value, failure) -> {
            if (failure != null) {
                to.completeExceptionally(failure);
            } else {
                to.complete(value);
            }
        });
    }

    /** Completes when all have, with the first failure if there is one. */
    static CompletableFuture<Void> all(Collection<? extends CompletableFuture<?>> calls) {
        return CompletableFuture.allOf(calls.toArray(CompletableFuture<?>[]::new));
    }
}
