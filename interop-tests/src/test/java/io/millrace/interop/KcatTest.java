// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.millrace.broker.server.EmbeddedBroker;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** librdkafka, by way of kcat. */
@ExtendWith(Peers.class)
class KcatTest {
    @TempDir
    Path directory;

    @BeforeAll
    static void kcatIsInstalled() {
        assumeTrue(Child.isInstalled("kcat"), "kcat is not installed; apt-get install kcat");
    }

    @ParameterizedTest
    @ValueSource(strings = {"none", "gzip", "snappy", "lz4", "zstd"})
    void eachCodecsRecordsComeBack(String codec, EmbeddedBroker broker) throws IOException {
        String topic = "kcat-" + codec;
        String lines = IntStream.range(0, 200)
                .mapToObj(i -> "key-" + i + ":value-" + i)
                .collect(Collectors.joining("\n", "", "\n"));

        kcat(broker, lines, "-P", "-t", topic, "-K:", "-z", codec);
        String read = kcat(broker, "", "-C", "-t", topic, "-o", "beginning", "-e", "-q", "-K:");

        assertEquals(lines, read);
    }

    @Test
    void whatKcatSendsAGroupOfTheJavaClientReads(EmbeddedBroker broker) throws IOException {
        kcat(broker, "a\nb\nc\n", "-P", "-t", "kcat-java");

        assertEquals(List.of("a", "b", "c"), Clients.consume(broker.bootstrapServers(), "kcat-java", "kcat-java", 3));
    }

    @Test
    void aGroupContinuesWhereItsLastMemberStopped(EmbeddedBroker broker) throws IOException {
        kcat(broker, "a\nb\nc\nd\n", "-P", "-t", "kcat-group");

        String first = kcat(
                broker, "", "-G", "kcat-readers", "-X", "auto.offset.reset=earliest", "-c", "2", "-q", "kcat-group");
        String second = kcat(
                broker, "", "-G", "kcat-readers", "-X", "auto.offset.reset=earliest", "-c", "2", "-q", "kcat-group");

        assertEquals("a\nb\n", first);
        assertEquals("c\nd\n", second);
    }

    @Test
    void anOffsetIsFoundByItsTimestamp(EmbeddedBroker broker) throws IOException {
        kcat(broker, "early\n", "-P", "-t", "kcat-time");
        String earlier = kcat(broker, "", "-C", "-t", "kcat-time", "-o", "beginning", "-e", "-q", "-f", "%T");
        long after = Long.parseLong(earlier) + 1;
        // The record's own time must be a later one.
        while (System.currentTimeMillis() <= after) {
            Thread.onSpinWait();
        }
        kcat(broker, "late\n", "-P", "-t", "kcat-time");

        String found = kcat(broker, "", "-Q", "-t", "kcat-time:0:" + after);

        assertTrue(found.contains("kcat-time [0] offset 1"), found);
    }

    @Test
    void metadataNamesTopicsAndPartitions(EmbeddedBroker broker) throws IOException {
        kcat(broker, "a\n", "-P", "-t", "kcat-list");

        String listed = kcat(broker, "", "-L");

        assertTrue(listed.contains("topic \"kcat-list\" with 1 partitions:"), listed);
        assertTrue(listed.contains("broker 0 at " + broker.bootstrapServers()), listed);
    }

    private String kcat(EmbeddedBroker broker, String input, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("kcat", "-b", broker.bootstrapServers()));
        command.addAll(List.of(arguments));
        return Child.run(directory, input, command);
    }
}
