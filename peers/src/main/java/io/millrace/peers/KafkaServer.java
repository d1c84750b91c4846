// SPDX-License-Identifier: Apache-2.0
package io.millrace.peers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A real Apache Kafka broker, of the version the build names, as a child process: one KRaft node that is broker and
 * controller, on free loopback ports. Kafka's own defaults hold but for replication factors, which must be 1, and the
 * delay before a group's first rebalance, which is 0. Safe for any thread.
 */
public final class KafkaServer implements AutoCloseable {
    private static final Duration START_PATIENCE = Duration.ofSeconds(90);
    private static final String CLUSTER_ID = "MillracePeersKafkaXXXQ";
    private static final String STARTED = "Kafka Server started";

    private final ChildProcess process;
    private final int port;
    private final @Nullable Path temporary;

    private KafkaServer(ChildProcess process, int port, @Nullable Path temporary) {
        this.process = process;
        this.port = port;
        this.temporary = temporary;
    }

    /**
     * A broker whose files are in {@code directory}; a former broker's data there is served again.
     *
     * @param directory is made when absent; also takes the configuration and the output
     */
    public static Builder in(Path directory) {
        return new Builder(directory, false);
    }

    /**
     * A broker whose files are in a new directory that {@link #close} deletes.
     *
     * @param parent where that directory is made
     */
    public static Builder temporary(Path parent) {
        try {
            return new Builder(Files.createTempDirectory(Files.createDirectories(parent), "kafka-"), true);
        } catch (IOException e) {
            throw new PeerException("Cannot make a directory for Kafka in " + parent, e);
        }
    }

    /** {@code host:port}. */
    public String bootstrapServers() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public long pid() {
        return process.pid();
    }

    /** What the broker has printed so far. */
    public String output() {
        return process.output();
    }

    /** An orderly shutdown; blocks until the process is gone. Idempotent. */
    public void stop() {
        process.stop();
    }

    /** {@code kill -9}; blocks until the process is gone. Idempotent. */
    public void kill() {
        process.kill();
    }

    /** As {@link #kill}; deletes the files of a temporary broker. */
    @Override
    public void close() {
        kill();
        if (temporary != null) {
            delete(temporary);
        }
    }

    private static void delete(Path directory) {
        try (Stream<Path> paths = Files.walk(directory)) {
            // What is in a directory goes before it.
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new PeerException("Cannot delete Kafka's files in " + directory, e);
        }
    }

    /** Says how a broker shall start. Not safe for threads. */
    public static final class Builder {
        private final Path directory;
        private final boolean temporary;
        private final Map<String, String> properties = new LinkedHashMap<>();
        private List<String> jvmArguments = List.of("-Xmx512m");

        private Builder(Path directory, boolean temporary) {
            this.directory = directory;
            this.temporary = temporary;
        }

        /** Sets a property of {@code server.properties}, such as {@code flush.messages}. */
        public Builder set(String key, String value) {
            properties.put(key, value);
            return this;
        }

        /** Replaces the broker's JVM arguments, which are {@code -Xmx512m}. */
        public Builder jvm(String... arguments) {
            jvmArguments = List.of(arguments);
            return this;
        }

        /**
         * Formats the directory unless that was done, starts the broker and blocks until it serves.
         *
         * @throws PeerException with the broker's last lines when it does not start within 90 s
         */
        public KafkaServer start() {
            int port = Ports.free();
            Path configuration = writeConfiguration(port, Ports.free());
            format(configuration);
            ChildProcess process = ChildProcess.startJava(
                    "kafka",
                    ClassPaths.kafkaServer(),
                    arguments(jvmArguments),
                    "kafka.Kafka",
                    List.of(configuration.toString()),
                    directory.resolve("kafka.out"));
            try {
                process.awaitOutput(output -> output.contains(STARTED), START_PATIENCE);
            } catch (PeerException e) {
                process.kill();
                throw e;
            }
            return new KafkaServer(process, port, temporary ? directory : null);
        }

        private Path writeConfiguration(int port, int controllerPort) {
            Map<String, String> all = new LinkedHashMap<>();
            all.put("process.roles", "broker,controller");
            all.put("node.id", "1");
            all.put("listeners", "PLAINTEXT://127.0.0.1:" + port + ",CONTROLLER://127.0.0.1:" + controllerPort);
            all.put("controller.listener.names", "CONTROLLER");
            all.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
            all.put("log.dirs", directory.resolve("data").toString());
            all.put("offsets.topic.replication.factor", "1");
            all.put("transaction.state.log.replication.factor", "1");
            all.put("transaction.state.log.min.isr", "1");
            all.put("share.coordinator.state.topic.replication.factor", "1");
            all.put("share.coordinator.state.topic.min.isr", "1");
            all.put("group.initial.rebalance.delay.ms", "0");
            all.putAll(properties);
            List<String> lines = new ArrayList<>();
            all.forEach((key, value) -> lines.add(key + "=" + value));
            try {
                Files.createDirectories(directory);
                return Files.write(directory.resolve("server.properties"), lines);
            } catch (IOException e) {
                throw new PeerException("Cannot write Kafka's configuration into " + directory, e);
            }
        }

        private void format(Path configuration) {
            if (Files.exists(directory.resolve("data").resolve("meta.properties"))) {
                return;
            }
            ChildProcess tool = ChildProcess.startJava(
                    "kafka-storage",
                    ClassPaths.kafkaServer(),
                    arguments(KafkaTool.SHORT_LIVED),
                    "kafka.tools.StorageTool",
                    List.of("format", "--cluster-id", CLUSTER_ID, "--config", configuration.toString()),
                    directory.resolve("format.out"));
            if (tool.awaitExit(START_PATIENCE) != 0) {
                throw new PeerException("Kafka's storage tool failed:\n" + tool.output());
            }
        }

        /** Logs warnings, and the one line that tells readiness. */
        private static List<String> arguments(List<String> given) {
            List<String> all = new ArrayList<>(given);
            all.add("-Dorg.slf4j.simpleLogger.defaultLogLevel=warn");
            all.add("-Dorg.slf4j.simpleLogger.log.kafka.server.KafkaRaftServer=info");
            all.add("-Dorg.slf4j.simpleLogger.showDateTime=true");
            return all;
        }
    }
}
