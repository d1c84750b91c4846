// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import org.jspecify.annotations.Nullable;

/** A store could not do what was asked. The message says which partition, what happened and what to do. */
public final class StorageException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Why, for the translators at the boundaries. */
    public enum Reason {
        /** A later epoch owns the partition. */
        FENCED,
        /** The replicated store lost its quorum. */
        NO_QUORUM,
        /** The lease on the cluster session ended. */
        LEASE_LOST,
        /** No space on the device. */
        DISK_FULL,
        /** Read, write or sync failed. */
        IO,
        /** Bytes on disk do not match their checksum. */
        CORRUPT,
        OFFSET_OUT_OF_RANGE,
        /** The log or the store is closed, or the partition was deleted. */
        CLOSED
    }

    private final Reason reason;

    public StorageException(Reason reason, String message) {
        this(reason, message, null);
    }

    public StorageException(Reason reason, String message, @Nullable Throwable cause) {
        super(message, cause);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
