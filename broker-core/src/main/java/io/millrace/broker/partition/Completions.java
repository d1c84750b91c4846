// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Handing the end of a stage on without losing a failure on the way. */
public final class Completions {
    private static final Logger LOG = LoggerFactory.getLogger(Completions.class);

    private Completions() {}

    /** Runs {@code action} with the stage's value or its unwrapped failure; a defect in the action is logged. */
    public static <T> void whenDone(CompletionStage<T> stage, BiConsumer<@Nullable T, @Nullable Throwable> action) {
        var unused = stage.handle((value, failure) -> {
            try {
                action.accept(value, failure == null ? null : unwrap(failure));
            } catch (RuntimeException defect) {
                LOG.error("A completion failed; this is a defect", defect);
            }
            return null;
        });
    }

    /** The failure itself, without the {@link CompletionException}s around it. */
    public static Throwable unwrap(Throwable failure) {
        Throwable result = failure;
        while (result instanceof CompletionException && result.getCause() != null) {
            result = result.getCause();
        }
        return result;
    }
}
