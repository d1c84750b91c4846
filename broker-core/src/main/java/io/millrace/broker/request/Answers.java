// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Putting an answer together from parts that complete on their own. */
public final class Answers {
    private Answers() {}

    /** Completes with all parts in order; fails when one does. */
    public static <T> CompletableFuture<List<T>> all(Collection<CompletableFuture<T>> parts) {
        return CompletableFuture.allOf(parts.toArray(CompletableFuture[]::new))
                .thenApply(done -> parts.stream().map(CompletableFuture::join).toList());
    }

    /** The call's future; a failed one when the call throws at once. */
    public static <T> CompletableFuture<T> attempt(Supplier<CompletableFuture<T>> call) {
        try {
            return call.get();
        } catch (RuntimeException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }
}
