// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;

/** Turns what the store throws into the broker's coded exceptions. */
final class StorageFailures {
    private StorageFailures() {}

    /** The call's future with its failures translated; a call that throws at once gives a failed future. */
    static <T> CompletableFuture<T> translated(PartitionId id, Supplier<CompletableFuture<T>> call) {
        CompletableFuture<T> result;
        try {
            result = call.get();
        } catch (BrokerException | StorageException failure) {
            return CompletableFuture.failedFuture(translate(id, failure));
        }
        CompletableFuture<T> translated = new CompletableFuture<>();
        Completions.whenDone(result, (value, failure) -> {
            if (failure == null) {
                translated.complete(value);
            } else {
                translated.completeExceptionally(translate(id, failure));
            }
        });
        return translated;
    }

    static BrokerException translate(PartitionId id, Throwable failure) {
        if (failure instanceof BrokerException coded) {
            return coded;
        }
        if (failure instanceof StorageException storage) {
            Code code = switch (storage.reason()) {
                case OFFSET_OUT_OF_RANGE -> Code.OFFSET_OUT_OF_RANGE;
                case FENCED, LEASE_LOST, CLOSED -> Code.NOT_LEADER;
                case NO_QUORUM, DISK_FULL, IO, CORRUPT -> Code.STORAGE_FAILED;
            };
            return new BrokerException(code, "Partition " + id + ": " + storage.getMessage(), storage);
        }
        return new BrokerException(Code.INTERNAL, "Partition " + id + ": " + failure, failure);
    }
}
