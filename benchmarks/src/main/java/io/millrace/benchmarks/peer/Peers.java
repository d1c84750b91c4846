// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.BenchmarkException;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Makes servers, each with a directory below one work directory. */
public final class Peers {
    private final Path work;
    private final Path home;
    private final AtomicInteger count = new AtomicInteger();

    /** @param work where the servers' data goes: the disk that is measured */
    public Peers(Path work) {
        this.work = work.toAbsolutePath();
        this.home = findHome();
        try {
            Files.createDirectories(this.work);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot make " + this.work, e);
        }
    }

    /** Where the servers keep their data. */
    public Path work() {
        return work;
    }

    /** A server on an empty directory, not started. */
    public Peer create(PeerKind kind) {
        return create(kind, List.of());
    }

    /** @param jvmOptions further options for the JVM of a Kafka; the other servers keep those of their launcher */
    public Peer create(PeerKind kind, List<String> jvmOptions) {
        String name = "%02d-%s".formatted(count.incrementAndGet(), kind.name().toLowerCase(Locale.ROOT));
        Path data = work.resolve(name);
        Path log = work.resolve("logs").resolve(name + ".log");
        return switch (kind) {
            case MILLRACE_COMMIT -> new MillracePeer(kind, home, data, log, List.of());
            case MILLRACE_OS -> new MillracePeer(kind, home, data, log, List.of("flush=os"));
            case KAFKA -> new KafkaPeer(kind, data, Map.of(), jvmOptions);
            case KAFKA_SYNC -> new KafkaPeer(kind, data, Map.of("log.flush.interval.messages", "1"), jvmOptions);
            case NULL_BROKER -> new NullPeer(log);
        };
    }

    /** The directory with the launcher: this one or one above it, or above this program's jar. */
    private static Path findHome() {
        String firstJar = System.getProperty("java.class.path").split(File.pathSeparator, 2)[0];
        for (Path start :
                List.of(Path.of(firstJar).toAbsolutePath(), Path.of("").toAbsolutePath())) {
            for (Path directory = start; directory != null; directory = directory.getParent()) {
                if (Files.isExecutable(directory.resolve("millrace")) && Files.exists(directory.resolve("pom.xml"))) {
                    return directory;
                }
            }
        }
        throw new BenchmarkException("The launcher ./millrace was not found; run this inside a clone of the project");
    }
}
