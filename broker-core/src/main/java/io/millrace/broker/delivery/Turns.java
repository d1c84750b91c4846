// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Completions;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Lets asynchronous work on one name run one after the other, in the order it came. Safe for any thread. */
final class Turns {
    private final Map<String, CompletableFuture<Void>> last = new ConcurrentHashMap<>();

    /** Starts {@code work} when all earlier work on {@code name} has ended; ends as it does. */
    <T> CompletableFuture<T> take(String name, Supplier<CompletableFuture<T>> work) {
        CompletableFuture<T> answer = new CompletableFuture<>();
        CompletableFuture<Void> turn = new CompletableFuture<>();
        CompletableFuture<Void> before = last.put(name, turn);
        Runnable start = () -> Completions.whenDone(Calls.attempt(work), (value, failure) -> {
            last.remove(name, turn);
            turn.complete(null);
            end(answer, value, failure);
        });
        if (before == null) {
            start.run();
        } else {
            var unused = before.thenRun(start);
        }
        return answer;
    }

    private static <T> void end(CompletableFuture<T> answer, @Nullable T value, @Nullable Throwable failure) {
        if (failure != null) {
            answer.completeExceptionally(failure);
        } else {
            answer.complete(value);
        }
    }
}
