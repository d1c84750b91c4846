// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.UUID;

/** The id of a data directory, made once and kept in the file {@code directory.id}. */
final class DirectoryIdentity {
    private static final String FILE = "directory.id";

    private DirectoryIdentity() {}

    /** The directory's id; the caller holds its lock. */
    static UUID of(Path directory) throws IOException {
        Path file = directory.resolve(FILE);
        if (Files.exists(file)) {
            String text = Files.readString(file).strip();
            try {
                return UUID.fromString(text);
            } catch (IllegalArgumentException e) {
                throw new IOException(file + " holds no id but '" + text + "'; restore or remove it", e);
            }
        }
        UUID id = UUID.randomUUID();
        Path fresh = directory.resolve(FILE + ".new");
        Files.writeString(fresh, id + "\n");
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return id;
    }
}
