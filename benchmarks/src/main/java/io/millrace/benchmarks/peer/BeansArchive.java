// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs the application of the load "adapter", a package of this program, as a WAR. */
final class BeansArchive {
    private static final String BEANS = "io/millrace/benchmarks/beans";

    private BeansArchive() {}

    /** @param descriptor a resource of this program that goes to WEB-INF */
    static void write(Path war, String descriptor) throws IOException {
        try (OutputStream file = Files.newOutputStream(war);
                ZipOutputStream zip = new ZipOutputStream(file);
                InputStream web = BeansArchive.class.getResourceAsStream(descriptor)) {
            if (web == null) {
                throw new IllegalStateException("This program has no resource " + descriptor);
            }
            zip.putNextEntry(new ZipEntry("WEB-INF" + descriptor.substring(descriptor.lastIndexOf('/'))));
            web.transferTo(zip);
            Path program = program();
            if (Files.isDirectory(program)) {
                classes(program, zip);
            } else {
                try (FileSystem jar = FileSystems.newFileSystem(URI.create("jar:" + program.toUri()), Map.of())) {
                    classes(jar.getPath("/"), zip);
                }
            }
        }
    }

    private static Path program() {
        try {
            return Path.of(BeansArchive.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void classes(Path root, ZipOutputStream zip) throws IOException {
        try (Stream<Path> files = Files.list(root.resolve(BEANS))) {
            for (Path file : (Iterable<Path>) files.sorted()::iterator) {
                zip.putNextEntry(new ZipEntry("WEB-INF/classes/" + BEANS + "/" + file.getFileName()));
                Files.copy(file, zip);
            }
        }
    }
}
