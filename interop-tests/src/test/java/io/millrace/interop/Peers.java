// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.KafkaServer;
import java.nio.file.Path;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * One Millrace and one Apache Kafka for all tests of the run, started when a test first asks for them as a parameter;
 * tests keep apart by the names of their topics and groups.
 */
public final class Peers implements ParameterResolver {
    /** Lets a share group's locks be so short that a test can wait for their end. */
    private static final String SHORT_LOCKS = "group.share.min.record.lock.duration.ms";

    private static final Namespace NAMESPACE = Namespace.create(Peers.class);

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == EmbeddedBroker.class || type == KafkaServer.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        Store store = context.getRoot().getStore(NAMESPACE);
        return type == KafkaServer.class
                ? store.getOrComputeIfAbsent(type, unused -> startKafka(), KafkaServer.class)
                : store.getOrComputeIfAbsent(type, unused -> startMillrace(), EmbeddedBroker.class);
    }

    private static EmbeddedBroker startMillrace() {
        return EmbeddedBroker.builder().set(SHORT_LOCKS, "1000").start();
    }

    private static KafkaServer startKafka() {
        return KafkaServer.temporary(Path.of("target").toAbsolutePath())
                .set("log.retention.ms", "-1")
                .set(SHORT_LOCKS, "1000")
                .start();
    }
}
