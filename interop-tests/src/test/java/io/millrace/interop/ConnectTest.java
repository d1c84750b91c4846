// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.peers.ChildProcess;
import io.millrace.peers.KafkaTool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Kafka Connect, standalone. */
@Tag("heavy")
@ExtendWith(Peers.class)
class ConnectTest {
    @TempDir
    Path directory;

    @Test
    void linesGoFromFileToFileAcrossARestart(EmbeddedBroker broker) throws IOException {
        // Given
        Path in = Files.writeString(directory.resolve("in.txt"), "one\ntwo\nthree\n");
        Path out = directory.resolve("out.txt");
        Path worker = properties(
                "worker",
                "bootstrap.servers=" + broker.bootstrapServers(),
                "listeners=http://127.0.0.1:0",
                "key.converter=org.apache.kafka.connect.storage.StringConverter",
                "value.converter=org.apache.kafka.connect.storage.StringConverter",
                "offset.storage.file.filename=" + directory.resolve("offsets"),
                "offset.flush.interval.ms=500");
        Path source = properties(
                "source", "name=source", "connector.class=FileStreamSource", "topic=connect-lines", "file=" + in);
        Path sink = properties(
                "sink", "name=sink", "connector.class=FileStreamSink", "topics=connect-lines", "file=" + out);
        try (ChildProcess connect = connect("first", worker, source, sink)) {
            awaitLines(out, 3);
            connect.stop();
        }

        // When
        Files.writeString(in, "four\nfive\n", StandardOpenOption.APPEND);
        try (ChildProcess connect = connect("second", worker, source, sink)) {
            awaitLines(out, 5);
            connect.stop();
        }

        // Then
        assertEquals(List.of("one", "two", "three", "four", "five"), Files.readAllLines(out));
    }

    private ChildProcess connect(String run, Path... files) {
        return KafkaTool.start(
                directory.resolve(run + ".log"),
                "org.apache.kafka.connect.cli.ConnectStandalone",
                List.of(files).stream().map(Path::toString).toArray(String[]::new));
    }

    private static void awaitLines(Path file, int count) {
        await().atMost(Child.PATIENCE)
                .until(() -> Files.exists(file) && Files.readAllLines(file).size() >= count);
    }

    private Path properties(String name, String... lines) throws IOException {
        return Files.write(directory.resolve(name + ".properties"), List.of(lines));
    }
}
