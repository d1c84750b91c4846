// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.BenchmarkException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The jars of the other JMS brokers, and the application server. They are no dependency of any module: {@code
 * benchmarks/jms-peers} fetches them the first time somebody measures.
 */
final class JmsSoftware {
    private final Path project;

    /** @param home the clone that this program runs in */
    JmsSoftware(Path home) {
        this.project = home.resolve("benchmarks").resolve("jms-peers");
    }

    /** Server and client of Artemis. */
    List<Path> artemis() {
        return jars(project.resolve("target/artemis"));
    }

    /** The directory that OpenMQ calls its home, with {@code lib} and {@code etc}. */
    Path openMqHome() {
        fetch();
        return project.resolve("target/openmq/mq");
    }

    /** An installation of WildFly, which has Artemis' resource adapter in it. */
    Path wildFlyHome() {
        Path home = project.resolve("target/wildfly/wildfly-39.0.1.Final");
        fetch("WildFly", List.of("-Pwildfly"), List.of(home));
        return home;
    }

    private List<Path> jars(Path directory) {
        fetch();
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot list " + directory, e);
        }
    }

    private void fetch() {
        fetch(
                "Artemis and OpenMQ",
                List.of(),
                List.of(project.resolve("target/artemis"), project.resolve("target/openmq/mq")));
    }

    private synchronized void fetch(String what, List<String> options, List<Path> wanted) {
        if (wanted.stream().allMatch(Files::isDirectory)) {
            return;
        }
        System.err.println("  fetching " + what + " by Maven");
        List<String> command = new ArrayList<>(List.of("mvn", "-q", "-B", "-Dstyle.color=never", "package"));
        command.addAll(options);
        try {
            Process maven = new ProcessBuilder(command)
                    .directory(project.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.to(
                            Files.createTempFile("jms-peers", ".log").toFile()))
                    .start();
            if (maven.waitFor() != 0) {
                throw new BenchmarkException(
                        "Maven did not fetch " + what + "; run " + String.join(" ", command) + " in " + project);
            }
        } catch (IOException e) {
            throw new BenchmarkException("Cannot run Maven in " + project, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("Interrupted", e);
        }
    }
}
