// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A small text file that is replaced as a whole: written beside, synced, renamed, directory synced. Its last line is
 * {@code crc32c=} and eight hex digits over all lines before.
 */
final class AtomicFile {
    private static final String CRC_KEY = "crc32c=";

    private AtomicFile() {}

    static void write(FileLayer files, Path path, List<String> lines) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line : lines) {
            text.append(line).append('\n');
        }
        String crc = crc(text);
        text.append(CRC_KEY).append(crc).append('\n');
        Path temporary = path.resolveSibling(path.getFileName() + ".tmp");
        files.deleteIfExists(temporary);
        try (StoreFile file = files.open(temporary)) {
            file.writeFully(ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8)), 0);
            file.force();
        }
        files.rename(temporary, path);
        files.forceDirectory(parent(path));
    }

    /** The lines; {@code null} when there is no such file. A file whose CRC does not fit is CORRUPT. */
    static @Nullable List<String> read(FileLayer files, Path path) throws IOException {
        if (!files.exists(path)) {
            return null;
        }
        String text;
        try (StoreFile file = files.open(path)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) Math.min(Integer.MAX_VALUE - 8, file.size()));
            file.readFully(bytes, 0);
            text = new String(bytes.array(), StandardCharsets.UTF_8);
        }
        int end = text.lastIndexOf(CRC_KEY);
        if (end < 0 || !text.substring(end).equals(CRC_KEY + crc(text.substring(0, end)) + "\n")) {
            throw StorageErrors.corrupt(path, Math.max(0, end), "its checksum does not fit");
        }
        return text.substring(0, end).lines().toList();
    }

    static Path parent(Path path) {
        Path parent = path.getParent();
        if (parent == null) {
            throw new IllegalArgumentException(path + " has no parent directory");
        }
        return parent;
    }

    private static String crc(CharSequence text) {
        CRC32C crc = new CRC32C();
        crc.update(text.toString().getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().toHexDigits((int) crc.getValue());
    }
}
