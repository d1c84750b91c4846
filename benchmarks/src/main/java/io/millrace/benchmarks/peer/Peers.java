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
            case MILLRACE_COMMIT -> new MillracePeer(kind, home, data, log, List.of(), Map.of());
            case MILLRACE_OS -> new MillracePeer(kind, home, data, log, List.of("flush=os"), Map.of());
            case KAFKA -> new KafkaPeer(kind, data, Map.of(), jvmOptions);
            case KAFKA_SYNC -> new KafkaPeer(kind, data, Map.of("log.flush.interval.messages", "1"), jvmOptions);
            case NULL_BROKER -> new NullPeer(log);
            case ARTEMIS, OPENMQ -> throw new IllegalArgumentException(kind.title() + " speaks JMS only");
        };
    }

    /**
     * A JMS broker on an empty directory, not started.
     *
     * @param heapMb its largest heap, MB; 0 for what its own start script gives it
     */
    public Peer createJms(PeerKind kind, int heapMb) {
        String name = "%02d-%s".formatted(count.incrementAndGet(), kind.name().toLowerCase(Locale.ROOT));
        Path data = work.resolve(name);
        Path log = work.resolve("logs").resolve(name + ".log");
        JmsSoftware software = new JmsSoftware(home);
        return switch (kind) {
            case MILLRACE_COMMIT, MILLRACE_OS ->
                new MillracePeer(
                        kind,
                        home,
                        data,
                        log,
                        kind == PeerKind.MILLRACE_OS ? List.of("flush=os") : List.of(),
                        heapMb == 0 ? Map.of() : Map.of("MILLRACE_HEAP", heapMb + "m"));
            case ARTEMIS -> {
                List<Path> jars = software.artemis();
                JmsClients.install(kind, jars);
                yield new ArtemisPeer(jars, data, log, heapMb == 0 ? 2048 : heapMb);
            }
            case OPENMQ -> {
                Path mq = software.openMqHome();
                JmsClients.install(kind, OpenMqPeer.client(mq));
                yield new OpenMqPeer(mq, data, log, heapMb == 0 ? 1024 : heapMb);
            }
            default -> throw new IllegalArgumentException(kind.title() + " speaks no JMS");
        };
    }

    /** An application server with this broker's adapter, not started; the broker runs before it. */
    public WildFly appServer(Peer broker) {
        String name = "%02d-wildfly-%s"
                .formatted(count.incrementAndGet(), broker.kind().name().toLowerCase(Locale.ROOT));
        return new WildFly(
                new JmsSoftware(home).wildFlyHome(),
                home.resolve("resource-adapter/target/millrace.rar"),
                work.resolve(name),
                work.resolve("logs").resolve(name + ".log"),
                broker);
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
