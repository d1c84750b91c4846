// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jakarta.jms.Message;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the archive that servers deploy, and what IronJacamar's validator says of it. Runs when it is packed. */
class RarIT {
    private static final Path RAR = Path.of("target", "millrace.rar");
    private static final long LIMIT_BYTES = 25_000_000;

    private static Set<String> namesOfTheJar() throws IOException {
        Set<String> names = new TreeSet<>();
        try (ZipFile rar = new ZipFile(RAR.toFile());
                ZipInputStream jar = new ZipInputStream(rar.getInputStream(rar.getEntry("millrace.jar")))) {
            for (ZipEntry entry = jar.getNextEntry(); entry != null; entry = jar.getNextEntry()) {
                names.add(entry.getName());
            }
        }
        return names;
    }

    /** The validator has a class loader of its own: it is a tool, no part of the class path. */
    private static int validate(Path reports) throws Exception {
        List<URL> path = new ArrayList<>();
        for (String element : System.getProperty("validator.class.path").split(File.pathSeparator, -1)) {
            path.add(Path.of(element).toUri().toURL());
        }
        String api = Path.of(Message.class
                        .getProtectionDomain()
                        .getCodeSource()
                        .getLocation()
                        .toURI())
                .toString();
        Thread thread = Thread.currentThread();
        ClassLoader before = thread.getContextClassLoader();
        try (URLClassLoader loader =
                new URLClassLoader(path.toArray(URL[]::new), ClassLoader.getPlatformClassLoader())) {
            // The archive's classes are loaded beside the context's, and must meet the validator's jakarta.resource
            // there.
            thread.setContextClassLoader(loader);
            return (int) loader.loadClass("org.jboss.jca.validator.Validation")
                    .getMethod("validate", URL.class, String.class, String[].class)
                    .invoke(null, RAR.toUri().toURL(), reports.toString(), new String[] {api});
        } finally {
            thread.setContextClassLoader(before);
        }
    }

    @Test
    void theValidatorOfIronJacamarReportsNothing(@TempDir Path reports) throws Exception {
        int result = validate(reports);

        try (Stream<Path> written = Files.list(reports)) {
            String report = written.map(RarIT::read).collect(Collectors.joining("\n"));
            assertEquals("", report);
        }
        assertEquals(0, result);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void itIsBelow25Megabytes() throws IOException {
        assertTrue(Files.size(RAR) < LIMIT_BYTES, RAR + " has " + Files.size(RAR) + " bytes");
    }

    @Test
    void itHoldsTheDescriptorAndOneJar() throws IOException {
        try (ZipFile rar = new ZipFile(RAR.toFile())) {
            List<String> jars = rar.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.endsWith(".jar"))
                    .toList();

            assertEquals(List.of("millrace.jar"), jars);
            assertTrue(rar.getEntry("META-INF/ra.xml") != null, "META-INF/ra.xml");
        }
    }

    /** So that an application may carry its own Kafka client, Netty, Curator or slf4j. */
    @Test
    void everyClassOfTheJarIsInAPackageOfMillrace() throws IOException {
        List<String> foreign = namesOfTheJar().stream()
                .filter(name -> name.endsWith(".class") && !name.startsWith("io/millrace/"))
                .toList();

        assertEquals(List.of(), foreign);
        assertTrue(
                namesOfTheJar().stream().anyMatch(name -> name.startsWith("io/millrace/ra/shaded/kafka/")),
                "the codec is inside");
    }
}
