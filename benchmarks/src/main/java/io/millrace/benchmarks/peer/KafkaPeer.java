// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.peer;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.peers.KafkaServer;
import io.millrace.peers.Ports;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/** Apache Kafka, one KRaft node, with the JVM options of its own start script. */
final class KafkaPeer implements Peer {
    /** KAFKA_HEAP_OPTS and KAFKA_JVM_PERFORMANCE_OPTS as kafka-server-start.sh and kafka-run-class.sh have them. */
    private static final List<String> JVM_OPTIONS = List.of(
            "-Xmx1G",
            "-Xms1G",
            "-server",
            "-XX:+UseG1GC",
            "-XX:MaxGCPauseMillis=20",
            "-XX:InitiatingHeapOccupancyPercent=35",
            "-XX:+ExplicitGCInvokesConcurrent",
            "-XX:MaxInlineLevel=15",
            "-Djava.awt.headless=true");

    private final PeerKind kind;
    private final Path directory;
    private final Map<String, String> properties;
    private final List<String> jvmOptions;
    private final int port = Ports.free();
    private final int controllerPort = Ports.free();
    private @Nullable CompletableFuture<KafkaServer> server;

    /** @param moreJvmOptions in addition to those of Kafka's own script */
    KafkaPeer(PeerKind kind, Path directory, Map<String, String> properties, List<String> moreJvmOptions) {
        this.kind = kind;
        this.directory = directory;
        this.properties = properties;
        this.jvmOptions = new ArrayList<>(JVM_OPTIONS);
        jvmOptions.addAll(moreJvmOptions);
    }

    @Override
    public PeerKind kind() {
        return kind;
    }

    @Override
    public void launch() {
        KafkaServer.Builder builder = KafkaServer.in(directory)
                .jvm(jvmOptions.toArray(String[]::new))
                .set("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort)
                .set("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        properties.forEach(builder::set);
        CompletableFuture<KafkaServer> started = new CompletableFuture<>();
        server = started;
        Thread starter = new Thread(
                () -> {
                    try {
                        started.complete(builder.start());
                    } catch (RuntimeException e) {
                        started.completeExceptionally(e);
                    }
                },
                "start-kafka");
        starter.setDaemon(true);
        starter.start();
    }

    @Override
    public void awaitReady() {
        running();
    }

    @Override
    public int port() {
        return port;
    }

    @Override
    public long pid() {
        return running().pid();
    }

    @Override
    public void kill() {
        running().kill();
        server = null;
    }

    @Override
    public void stop() {
        if (server != null) {
            CompletableFuture<KafkaServer> last = server;
            server = null;
            if (!last.isCompletedExceptionally()) {
                last.join().stop();
            }
        }
    }

    @Override
    public void close() {
        stop();
        Directories.delete(directory);
    }

    private KafkaServer running() {
        if (server == null) {
            throw new IllegalStateException(kind.title() + " does not run");
        }
        try {
            return server.join();
        } catch (CompletionException e) {
            throw new BenchmarkException(kind.title() + " did not start: " + e.getCause(), e);
        }
    }
}
