// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.ChildProcess;
import io.millrace.peers.KafkaTool;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Kafka Streams, at least once and exactly once. */
@Tag("heavy")
@ExtendWith(Peers.class)
class StreamsTest {
    @TempDir
    Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"at_least_once", "exactly_once_v2"})
    void countsGoOnAfterARestartThatLostTheLocalStore(String guarantee, EmbeddedBroker broker) throws Exception {
        // Given
        String in = "streams-in-" + guarantee;
        String out = "streams-out-" + guarantee;
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            admin.createTopics(Set.of(new NewTopic(in, 2, (short) 1), new NewTopic(out, 1, (short) 1)))
                    .all()
                    .get();
        }
        Clients.produce(broker.bootstrapServers(), in, 5);
        Clients.produce(broker.bootstrapServers(), in, 5);
        try (ChildProcess streams = count(broker, guarantee, "first")) {
            assertEquals(counts("2"), Clients.latest(broker.bootstrapServers(), out, counts("2")));
            streams.stop();
        }

        // When
        Clients.produce(broker.bootstrapServers(), in, 5);
        try (ChildProcess streams = count(broker, guarantee, "second")) {
            // Then
            assertEquals(counts("3"), Clients.latest(broker.bootstrapServers(), out, counts("3")));
            streams.stop();
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            assertTrue(admin.listTopics()
                    .names()
                    .get()
                    .containsAll(Set.of("count-" + in + "-counts-changelog", "count-" + in + "-by-value-repartition")));
        }
    }

    private static Map<String, String> counts(String each) {
        return IntStream.range(0, 5).boxed().collect(Collectors.toMap(i -> "value-" + i, i -> each));
    }

    private ChildProcess count(EmbeddedBroker broker, String guarantee, String state) throws URISyntaxException {
        Path classes = Path.of(StreamsCount.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        return ChildProcess.startJava(
                "streams",
                classes + File.pathSeparator + KafkaTool.classPath(),
                List.of("-Xmx256m", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"),
                StreamsCount.class.getName(),
                List.of(
                        broker.bootstrapServers(),
                        "streams-in-" + guarantee,
                        "streams-out-" + guarantee,
                        directory.resolve(state).toString(),
                        guarantee),
                directory.resolve(state + ".out"));
    }
}
