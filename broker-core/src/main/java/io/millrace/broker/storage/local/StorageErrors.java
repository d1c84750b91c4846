// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import io.millrace.broker.storage.StorageException.Reason;
import java.io.IOException;
import java.nio.file.Path;

/** Turns what the file system says into {@link StorageException}s. */
final class StorageErrors {
    private StorageErrors() {}

    /**
     * @param what what was being done, in a few words with a file's name
     */
    static StorageException of(String what, Throwable cause) {
        if (cause instanceof StorageException storage) {
            return storage;
        }
        String message = cause instanceof IOException ? String.valueOf(cause.getMessage()) : cause.toString();
        if (cause instanceof IOException && (message.contains("No space left") || message.contains("quota exceeded"))) {
            return new StorageException(
                    Reason.DISK_FULL, what + " failed: the disk is full; free space and restart the broker", cause);
        }
        return new StorageException(
                Reason.IO,
                what + " failed: " + message
                        + (cause instanceof IOException
                                ? "; check the disk and restart the broker"
                                : "; restart the broker"),
                cause);
    }

    static StorageException corrupt(Path file, long position, String what) {
        return new StorageException(
                Reason.CORRUPT,
                file + " is damaged at byte " + position + ": " + what + "; restore it from a backup or a replica");
    }
}
