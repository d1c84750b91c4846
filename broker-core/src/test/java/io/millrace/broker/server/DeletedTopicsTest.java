// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Topics deleted while a broker is down: its logs go only where it is certain that they were deleted. */
class DeletedTopicsTest {
    @RegisterExtension
    static final MillraceExtension ZOOKEEPER = new MillraceExtension();

    @TempDir
    Path directory;

    private EmbeddedBroker broker(String chroot, int id, Path data) {
        return EmbeddedBroker.builder()
                .set("zookeeper.connect", ZOOKEEPER.broker().zookeeperConnect() + chroot)
                .set("broker.id", Integer.toString(id))
                .directory(data)
                .start();
    }

    private static Admin admin(EmbeddedBroker broker) {
        return Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
    }

    /** The topics with a log in the directory. */
    private static List<String> logs(Path data) throws IOException {
        List<String> topics = new ArrayList<>();
        try (Stream<Path> partitions = Files.list(data.resolve("partitions"))) {
            partitions.forEach(
                    path -> topics.add(String.valueOf(path.getFileName()).replaceAll("-0\\..*", "")));
        }
        topics.sort(Comparator.naturalOrder());
        return topics;
    }

    @Test
    void theLogOfATopicDeletedMeanwhileGoesAndOthersStay() throws Exception {
        Path data = directory.resolve("second");
        try (EmbeddedBroker first = broker("/deleted", 1, directory.resolve("first"));
                Admin admin = admin(first)) {
            // Given
            try (EmbeddedBroker second = broker("/deleted", 2, data)) {
                for (String topic : List.of("gone", "kept")) {
                    admin.createTopics(List.of(new NewTopic(topic, Map.of(0, List.of(2)))))
                            .all()
                            .get();
                }
                Awaitility.await(second.url()).until(() -> logs(data).size() == 2);
            }
            admin.deleteTopics(List.of("gone")).all().get();
            // When
            try (EmbeddedBroker again = broker("/deleted", 2, data)) {
                // Then
                Awaitility.await(again.url()).until(() -> logs(data).equals(List.of("kept")));
            }
        }
    }

    @Test
    void logsAreKeptWhenTheClusterIsAnother() throws Exception {
        // Given
        Path data = directory.resolve("moved");
        try (EmbeddedBroker broker = broker("/one", 1, data);
                Admin admin = admin(broker)) {
            admin.createTopics(List.of(new NewTopic("mine", 1, (short) 1)))
                    .all()
                    .get();
            Awaitility.await().until(() -> logs(data).equals(List.of("mine")));
        }
        try (EmbeddedBroker other = broker("/two", 3, directory.resolve("other"));
                Admin admin = admin(other)) {
            admin.createTopics(List.of(new NewTopic("theirs", 1, (short) 1)))
                    .all()
                    .get();
        }
        // When
        for (int start = 0; start < 2; start++) {
            broker("/two", 1, data).close();
        }
        // Then
        assertTrue(logs(data).contains("mine"));
    }
}
