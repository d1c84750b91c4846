// SPDX-License-Identifier: Apache-2.0
package io.millrace.servers;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs the application for a server: the same classes, the descriptors from {@code src/test/resources/servers/<server>}. */
final class Archives {
    private static final Path CLASSES = Path.of("target", "classes");
    private static final Path DESCRIPTORS = Path.of("target", "test-classes", "servers");

    private Archives() {}

    /** The configuration files of a server. */
    static Path descriptors(String server) {
        return DESCRIPTORS.resolve(server);
    }

    /** The application as a WAR. */
    static void war(String server, Path target) {
        Map<String, Path> entries = new LinkedHashMap<>();
        add(entries, "WEB-INF/classes/", CLASSES);
        add(entries, "WEB-INF/", descriptors(server).resolve("WEB-INF"));
        write(target, entries);
    }

    /** The application as an EAR with the adapter inside. */
    static void ear(String server, Path target) {
        Path war = target.resolveSibling("servers-app.war");
        war(server, war);
        Map<String, Path> entries = new LinkedHashMap<>();
        entries.put("millrace.rar", Environment.ADAPTER);
        entries.put("servers-app.war", war);
        add(entries, "META-INF/", descriptors(server).resolve("META-INF"));
        write(target, entries);
    }

    private static void add(Map<String, Path> entries, String prefix, Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            files.filter(Files::isRegularFile)
                    .sorted()
                    .forEach(file -> entries.put(prefix + directory.relativize(file), file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path target, Map<String, Path> entries) {
        try {
            Files.createDirectories(target.getParent());
            try (OutputStream file = Files.newOutputStream(target);
                    ZipOutputStream zip = new ZipOutputStream(file)) {
                for (Map.Entry<String, Path> entry : entries.entrySet()) {
                    zip.putNextEntry(new ZipEntry(entry.getKey()));
                    Files.copy(entry.getValue(), zip);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write " + target, e);
        }
    }

    /** Copies a directory with everything in it. */
    static void copyTree(Path from, Path to) {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot copy " + from + " to " + to, e);
        }
    }
}
