// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import io.millrace.broker.config.BrokerConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A whole broker in this JVM, for tests and for programs that bring their broker along. It listens on free loopback
 * ports and keeps its data in a temporary directory, or in a given one. Safe for any thread.
 *
 * <pre>{@code
 * try (EmbeddedBroker broker = EmbeddedBroker.start()) {
 *     new MillraceConnectionFactory(broker.url());
 * }
 * }</pre>
 */
public final class EmbeddedBroker implements AutoCloseable {
    private final Map<String, String> settings;
    private final @Nullable Path temporary;
    private MillraceBroker broker;

    private EmbeddedBroker(Map<String, String> settings, @Nullable Path temporary) {
        this.settings = settings;
        this.temporary = temporary;
        this.broker = MillraceBroker.start(BrokerConfig.of(settings));
        settings.put("listen.port", Integer.toString(broker.port()));
        broker.embeddedZooKeeperPort()
                .ifPresent(port -> settings.put("zookeeper.embedded.port", Integer.toString(port)));
    }

    /** Starts a broker whose data goes when it is closed; blocks until it serves. */
    public static EmbeddedBroker start() {
        return builder().start();
    }

    /** Starts a broker on {@code directory}, with what an earlier one left there; blocks until it serves. */
    public static EmbeddedBroker start(Path directory) {
        return builder().directory(directory).start();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** {@code host:port}, as Kafka clients want it for {@code bootstrap.servers}. */
    public synchronized String bootstrapServers() {
        return broker.host() + ":" + broker.port();
    }

    /** {@code millrace://host:port}, as the JMS connection factory wants it. */
    public String url() {
        return "millrace://" + bootstrapServers();
    }

    /** {@code host:port[/chroot]} of the ZooKeeper where the broker is registered. */
    public synchronized String zookeeperConnect() {
        return broker.zookeeperConnect();
    }

    /** The port that clients connect to; a restart keeps it. */
    public synchronized int port() {
        return broker.port();
    }

    /** Client connections that are open now. */
    public synchronized int connectionCount() {
        return broker.connectionCount();
    }

    /** Stops the broker and starts it again on the same ports and data; blocks until it serves. */
    public synchronized void restart() {
        broker.close();
        broker = MillraceBroker.start(BrokerConfig.of(settings));
    }

    /** Stops the broker, and deletes the data unless a directory was given. Idempotent; blocks. */
    @Override
    public synchronized void close() {
        broker.close();
        if (temporary != null) {
            deleteTree(temporary);
        }
    }

    private static void deleteTree(Path root) {
        if (Files.notExists(root)) {
            return;
        }
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.deleteIfExists(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
                        throws IOException {
                    Files.deleteIfExists(directory);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot delete the broker's temporary directory " + root, e);
        }
    }

    /** Says how a broker shall start. Not safe for threads. */
    public static final class Builder {
        private final Map<String, String> settings = new LinkedHashMap<>();
        private @Nullable Path directory;

        private Builder() {
            settings.put("listen.port", "0");
            // A test's consumers join one after the other and should not wait for more.
            settings.put("group.initial.rebalance.delay.ms", "0");
        }

        /** Keeps the data here; nothing is deleted at the end. */
        public Builder directory(Path dataDirectory) {
            directory = dataDirectory;
            return this;
        }

        /** Sets a key of {@code docs/configuration.md}; it is checked at the start. */
        public Builder set(String key, String value) {
            settings.put(key, value);
            return this;
        }

        /**
         * Starts the broker; blocks until it serves.
         *
         * @throws io.millrace.broker.config.ConfigException for an unknown key or a bad value
         * @throws BrokerStartException when the directory is locked, a port is taken or the data cannot be read
         */
        public EmbeddedBroker start() {
            Map<String, String> all = new LinkedHashMap<>(settings);
            Path temporary = directory == null && !all.containsKey("data.dir") ? temporaryDirectory() : null;
            Path data = temporary == null ? directory : temporary;
            if (data != null) {
                all.put("data.dir", data.toString());
            }
            try {
                return new EmbeddedBroker(all, temporary);
            } catch (RuntimeException e) {
                if (temporary != null) {
                    deleteTree(temporary);
                }
                throw e;
            }
        }

        private static Path temporaryDirectory() {
            try {
                return Files.createTempDirectory("millrace-");
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot make a temporary directory for the broker", e);
            }
        }
    }
}
