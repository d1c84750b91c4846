// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the store works. Its first failure is its last state until it is opened anew. Any thread. */
final class StoreHealth {
    private static final Logger LOG = LoggerFactory.getLogger(StoreHealth.class);

    private final AtomicReference<@Nullable StorageException> failure = new AtomicReference<>();
    private final Consumer<StorageException> onFailure;

    StoreHealth(Consumer<StorageException> onFailure) {
        this.onFailure = onFailure;
    }

    @Nullable
    StorageException failure() {
        return failure.get();
    }

    /** Fails the store; returns what it failed of first. */
    StorageException fail(StorageException cause) {
        if (failure.compareAndSet(null, cause)) {
            LOG.error("The store is offline, with all of its partitions: {}", cause.getMessage(), cause);
            onFailure.accept(cause);
            return cause;
        }
        StorageException first = failure.get();
        return first == null ? cause : first;
    }
}
