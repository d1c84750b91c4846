// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.broker.cluster.Cluster.ClusterException;
import io.millrace.broker.net.PortInUseException;
import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.local.DirectoryLock.DirectoryLockedException;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.concurrent.CompletionException;

/** Tells what an operator can mend from what nobody expected, at the start of a broker. */
final class StartFailures {
    private StartFailures() {}

    /** A {@link BrokerStartException} for what has a reason outside this program, else the failure itself. */
    static RuntimeException translate(Throwable failure, Path data) {
        if (failure instanceof CompletionException && failure.getCause() != null) {
            return translate(failure.getCause(), data);
        }
        if (failure instanceof ClusterException
                || failure instanceof StorageException
                || failure instanceof PortInUseException
                || failure instanceof DirectoryLockedException) {
            return new BrokerStartException(String.valueOf(failure.getMessage()), failure);
        }
        if (failure instanceof AccessDeniedException || failure instanceof FileAlreadyExistsException) {
            return new BrokerStartException(
                    "The data directory %s cannot be used: no right to write there, or it is a file".formatted(data),
                    failure);
        }
        if (failure instanceof IOException) {
            return new BrokerStartException(
                    "The data directory %s cannot be used: %s".formatted(data, failure), failure);
        }
        return failure instanceof RuntimeException unexpected ? unexpected : new IllegalStateException(failure);
    }
}
