// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import org.jspecify.annotations.Nullable;

/** A measurement could not be made; the message says which, why and where to look. */
public final class BenchmarkException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BenchmarkException(String message) {
        this(message, null);
    }

    public BenchmarkException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
