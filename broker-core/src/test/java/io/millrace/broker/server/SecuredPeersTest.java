// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.zookeeper.EmbeddedZooKeeper;
import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.server.BrokerCall.Login;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Connect;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.ListBranches;
import io.millrace.protocol.message.OpenDestination;
import io.millrace.protocol.message.Prepare;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.Uuid;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two brokers that ask everybody who he is, each other as well (peer.credentials.file). */
@Timeout(90)
class SecuredPeersTest {
    private static final Login ADMIN = new Login("admin", "admin-secret");

    @TempDir
    Path directory;

    private EmbeddedZooKeeper zooKeeper;
    private EmbeddedBroker first;
    private EmbeddedBroker second;

    @BeforeEach
    void startZooKeeper() {
        zooKeeper = EmbeddedZooKeeper.start(directory.resolve("zk"), 0);
    }

    @AfterEach
    void stop() {
        first.close();
        second.close();
        zooKeeper.close();
    }

    private void start(String peerCredentials) throws IOException {
        first = broker(1, peerCredentials);
        second = broker(2, peerCredentials);
    }

    private EmbeddedBroker broker(int id, String peerCredentials) throws IOException {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = admin-secret\nbroker = broker-secret\n");
        String peers = "";
        if (!peerCredentials.isEmpty()) {
            Path file = directory.resolve("peers.properties");
            Files.writeString(file, peerCredentials);
            peers = file.toString();
        }
        return EmbeddedBroker.builder()
                .directory(directory.resolve("broker-" + id))
                .set("zookeeper.connect", zooKeeper.connectString() + "/millrace")
                .set("broker.id", Integer.toString(id))
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("sasl.enabled.mechanisms", "PLAIN")
                .set("authorizer", "acl")
                .set("super.users", "User:admin")
                .set("peer.credentials.file", peers)
                .set("jms.transaction.resolve.interval.ms", "50")
                .start();
    }

    private Admin admin() {
        return Admin.create(Map.of(
                "bootstrap.servers",
                first.bootstrapServers(),
                "security.protocol",
                "SASL_PLAINTEXT",
                "sasl.mechanism",
                "PLAIN",
                "sasl.jaas.config",
                "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + ADMIN.user()
                        + "\" password=\"" + ADMIN.password() + "\";"));
    }

    /** A queue on each broker; the id of the one on the first. */
    private static UUID createQueues(Admin admin) throws Exception {
        for (int id = 1; id <= 2; id++) {
            admin.createTopics(List.of(new NewTopic("on-" + id, Map.of(0, List.of(id)))
                            .configs(Map.of("millrace.jms.kind", "queue"))))
                    .all()
                    .get();
        }
        Uuid topic = admin.describeTopics(List.of("on-1"))
                .allTopicNames()
                .get()
                .get("on-1")
                .topicId();
        return new UUID(topic.getMostSignificantBits(), topic.getLeastSignificantBits());
    }

    /** A client prepares a part at the second broker that the first is to decide, and is gone. */
    private void leaveAPartBehind(UUID decidedIn) {
        try (BrokerCall client = BrokerCall.open(second.bootstrapServers(), ADMIN)) {
            client.send(new Connect(UUID.randomUUID(), null, 10_000));
            client.send(new OpenDestination("on-2", DestinationKind.QUEUE));
            client.send(new Prepare(
                    1,
                    UUID.randomUUID(),
                    BranchId.ofBundle(new BranchId.Bundle(UUID.randomUUID(), decidedIn, 0), 0),
                    List.of(MillraceTestClient.batch("on-2", 0, "x")),
                    List.of()));
        }
    }

    private int parts() {
        return ((ListBranches.Response)
                        BrokerCall.send(second.bootstrapServers(), ADMIN, new ListBranches(false, true)))
                .branches()
                .size();
    }

    @Test
    void aPartThatIsLeftBehindIsEndedAsTheOtherBrokerSaysAndItsTopicCanBeDeleted() throws Exception {
        start("broker = broker-secret\n");
        try (Admin admin = admin()) {
            UUID decidedIn = createQueues(admin);
            leaveAPartBehind(decidedIn);

            Awaitility.await().untilAsserted(() -> assertEquals(0, parts()));

            admin.deleteTopics(List.of("on-2")).all().get(); // for which the brokers ask each other, too
        }
    }

    @Test
    void aBrokerThatTheOtherDoesNotKnowIsToldOfItsCredentialsLeavesPartsAloneAndDeletesNothing() throws Exception {
        start("");
        try (Admin admin = admin()) {
            UUID decidedIn = createQueues(admin);
            leaveAPartBehind(decidedIn);

            ExecutionException refused = assertThrows(
                    ExecutionException.class,
                    () -> admin.deleteTopics(List.of("on-1")).all().get());

            assertTrue(refused.getMessage().contains("peer.credentials.file"), refused.getMessage());
            Awaitility.await().during(Duration.ofMillis(500)).until(() -> parts() == 1);
        }
    }
}
