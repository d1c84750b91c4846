// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.security;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.protocol.kafka.SupportedVersions;
import io.millrace.protocol.message.MillraceApi;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.CreateTopicsResult;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.KafkaShareConsumer;
import org.apache.kafka.clients.consumer.SubscriptionPattern;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

/** Stock clients against a broker with access rules. */
class AclEndToEndTest {
    private static EmbeddedBroker broker;
    private static Admin admin;

    @TempDir
    static Path directory;

    @BeforeAll
    static void start() throws Exception {
        Path users = directory.resolve("users.properties");
        Files.writeString(users, "admin = pw\nalice = pw\nbob = pw\n");
        broker = EmbeddedBroker.builder()
                .set("listen.security", "sasl_plaintext")
                .set("sasl.credentials.file", users.toString())
                .set("authorizer", "acl")
                .set("super.users", "User:admin")
                .start();
        admin = Admin.create(client("admin"));
        admin.createTopics(List.of(new NewTopic("team-a", 1, (short) 1), new NewTopic("secret", 1, (short) 1)))
                .all()
                .get();
        admin.createAcls(List.of(
                        allow(ResourceType.TOPIC, PatternType.PREFIXED, "team-", AclOperation.ALL),
                        allow(ResourceType.GROUP, PatternType.LITERAL, "readers", AclOperation.READ),
                        allow(ResourceType.GROUP, PatternType.LITERAL, "share-readers", AclOperation.READ),
                        allow("bob", ResourceType.TOPIC, PatternType.PREFIXED, "bobs-", AclOperation.CREATE),
                        allow("bob", ResourceType.TOPIC, PatternType.LITERAL, "secret", AclOperation.DESCRIBE),
                        allow("bob", ResourceType.GROUP, PatternType.LITERAL, "*", AclOperation.READ),
                        allow("bob", ResourceType.GROUP, PatternType.LITERAL, "*", AclOperation.DELETE)))
                .all()
                .get();
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ofSeconds(1));
        broker.close();
    }

    private static Map<String, Object> client(String user) {
        return new HashMap<>(Map.of(
                "bootstrap.servers", broker.bootstrapServers(),
                "security.protocol", "SASL_PLAINTEXT",
                "sasl.mechanism", "PLAIN",
                "auto.offset.reset", "earliest",
                "sasl.jaas.config",
                        "org.apache.kafka.common.security.plain.PlainLoginModule required username=\"" + user
                                + "\" password=\"pw\";"));
    }

    private static AclBinding allow(ResourceType type, PatternType patternType, String name, AclOperation operation) {
        return allow("alice", type, patternType, name, operation);
    }

    private static AclBinding allow(
            String user, ResourceType type, PatternType patternType, String name, AclOperation operation) {
        return new AclBinding(
                new ResourcePattern(type, name, patternType),
                new AccessControlEntry("User:" + user, "*", operation, AclPermissionType.ALLOW));
    }

    private static void send(String topic) throws Exception {
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(client("alice"), new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, "hello")).get();
        }
    }

    private static List<String> receive(String group, String topic) {
        Map<String, Object> config = client("alice");
        config.put("group.id", group);
        List<String> received = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (received.isEmpty() && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> received.add(record.value()));
            }
        }
        return received;
    }

    @Test
    void aRegularExpressionMatchesOnlyWhatItsMemberMayDescribeAlsoWhenRulesChange() throws Exception {
        // Given: KIP-848, the broker resolves the expression
        admin.createTopics(List.of(new NewTopic("late", 1, (short) 1))).all().get();
        Map<String, Object> config = client("alice");
        config.put("group.id", "readers");
        config.put("group.protocol", "consumer");
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(new SubscriptionPattern(".*"));
            await(() -> !assigned(consumer).isEmpty());
            assertEquals(Set.of(new TopicPartition("team-a", 0)), consumer.assignment());
            // When
            admin.createAcls(List.of(allow(ResourceType.TOPIC, PatternType.LITERAL, "late", AclOperation.READ)))
                    .all()
                    .get();
            // Then: without a change of topics or members
            await(() ->
                    assigned(consumer).equals(Set.of(new TopicPartition("team-a", 0), new TopicPartition("late", 0))));
        }
    }

    private static Set<TopicPartition> assigned(KafkaConsumer<String, String> consumer) {
        consumer.poll(Duration.ofMillis(50));
        return consumer.assignment();
    }

    private static void await(BooleanSupplier condition) {
        // The consumer belongs to this thread.
        Awaitility.await().atMost(Duration.ofSeconds(30)).pollInSameThread().until(condition::getAsBoolean);
    }

    @Test
    void whatIsAllowedWorksAndWhatIsNotIsRefusedWithKafkasErrors() throws Exception {
        send("team-a");
        assertEquals("hello", receive("readers", "team-a").get(0));

        assertInstanceOf(
                TopicAuthorizationException.class,
                assertThrows(ExecutionException.class, () -> send("secret")).getCause());
        assertInstanceOf(
                TopicAuthorizationException.class,
                assertThrows(ExecutionException.class, () -> send("not-there")).getCause());
        assertThrows(TopicAuthorizationException.class, () -> receive("readers", "secret"));
        assertThrows(GroupAuthorizationException.class, () -> receive("others", "team-a"));
    }

    @Test
    void aTransactionalIdNeedsARuleOfItsOwn() throws Exception {
        assertThrows(TransactionalIdAuthorizationException.class, () -> commit("alice-tx"));
        try (Admin alice = Admin.create(client("alice"))) {
            admin.createAcls(List.of(
                            allow(ResourceType.TRANSACTIONAL_ID, PatternType.PREFIXED, "alice-", AclOperation.WRITE)))
                    .all()
                    .get();

            commit("alice-tx");

            assertEquals(
                    List.of("alice-tx"),
                    alice.listTransactions().all().get().stream()
                            .map(listing -> listing.transactionalId())
                            .toList());
            assertInstanceOf(
                    TransactionalIdAuthorizationException.class,
                    assertThrows(
                                    ExecutionException.class,
                                    () -> alice.describeTransactions(List.of("bobs-tx"))
                                            .all()
                                            .get())
                            .getCause());
        } finally {
            admin.deleteTopics(List.of("team-tx")).all().get();
        }
    }

    private static void commit(String transactionalId) {
        Map<String, Object> config = client("alice");
        config.put("transactional.id", transactionalId);
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            var unused = producer.send(new ProducerRecord<>("team-tx", "in a transaction"));
            producer.commitTransaction();
        }
    }

    @Test
    void anAdminSeesAndMayDoOnlyWhatIsAllowed() throws Exception {
        try (Admin alice = Admin.create(client("alice"))) {
            assertTrue(alice.listTopics().names().get().contains("team-a"));
            assertTrue(!alice.listTopics().names().get().contains("secret"));
            alice.createTopics(List.of(new NewTopic("team-b", 1, (short) 1)))
                    .all()
                    .get();
            alice.deleteTopics(List.of("team-b")).all().get();
            assertInstanceOf(
                    TopicAuthorizationException.class,
                    assertThrows(
                                    ExecutionException.class,
                                    () -> alice.deleteTopics(List.of("secret"))
                                            .all()
                                            .get())
                            .getCause());
            assertInstanceOf(
                    ClusterAuthorizationException.class,
                    assertThrows(
                                    ExecutionException.class,
                                    () -> alice.describeAcls(AclBindingFilter.ANY)
                                            .values()
                                            .get())
                            .getCause());
            deniedOnTheCluster(() -> alice.electLeaders(ElectionType.PREFERRED, Set.of(new TopicPartition("team-a", 0)))
                    .all()
                    .get());
            deniedOnTheCluster(
                    () -> alice.listPartitionReassignments().reassignments().get());
            deniedOnTheCluster(() -> alice.listConfigResources().all().get());
            assertEquals(
                    Set.of(),
                    alice.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true))
                            .authorizedOperations()
                            .get());
        }
    }

    @Test
    void aCreatorDoesNotSeeTheSettingsThatItMayNotDescribe() throws Exception {
        try (Admin bob = Admin.create(client("bob"))) {
            CreateTopicsResult made = bob.createTopics(List.of(new NewTopic("bobs-1", 1, (short) 1)));

            made.all().get();
            denied(() -> made.config("bobs-1").get());
            denied(() -> made.numPartitions("bobs-1").get());
        }
    }

    @Test
    void describingATopicTellsWhatTheClientMayDo() throws Exception {
        try (Admin bob = Admin.create(client("bob"))) {
            TopicDescription secret = bob.describeTopics(
                            List.of("secret"), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                    .allTopicNames()
                    .get()
                    .get("secret");

            assertEquals(Set.of(AclOperation.DESCRIBE), secret.authorizedOperations());
        }
    }

    @Test
    void offsetsAreDeletedOfTopicsThatTheClientMayRead() throws Exception {
        send("team-a");
        receive("readers", "team-a");
        try (Admin bob = Admin.create(client("bob"))) {
            TopicPartition partition = new TopicPartition("secret", 0);

            denied(() -> bob.deleteConsumerGroupOffsets("readers", Set.of(partition))
                    .partitionResult(partition)
                    .get());
        }
    }

    @Test
    void aGroupOfTheNewProtocolTakesAndShowsOnlyTopicsThatTheClientMayDescribe() throws Exception {
        send("team-a");
        Map<String, Object> config = client("alice");
        config.put("group.id", "readers");
        config.put("group.protocol", "consumer");
        Map<String, Object> bobs = new HashMap<>(config);
        bobs.putAll(client("bob"));
        try (KafkaConsumer<String, String> hidden =
                new KafkaConsumer<>(bobs, new StringDeserializer(), new StringDeserializer())) {
            hidden.subscribe(List.of("team-a"));
            assertThrows(TopicAuthorizationException.class, () -> poll(hidden));
        }
        try (Admin bob = Admin.create(client("bob"));
                KafkaConsumer<String, String> member =
                        new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            member.subscribe(List.of("team-a"));
            poll(member);

            denied(() -> bob.describeConsumerGroups(List.of("readers")).all().get());
        }
    }

    private static void poll(KafkaConsumer<String, String> consumer) {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (consumer.assignment().isEmpty() && System.nanoTime() < deadline) {
            consumer.poll(Duration.ofMillis(100));
        }
    }

    private static void deniedOnTheCluster(Executable call) {
        assertInstanceOf(
                ClusterAuthorizationException.class,
                assertThrows(ExecutionException.class, call).getCause());
    }

    private static void denied(Executable call) {
        assertInstanceOf(
                TopicAuthorizationException.class,
                assertThrows(ExecutionException.class, call).getCause());
    }

    @Test
    void rulesAreMadeShownAndRemoved() throws Exception {
        AclBinding rule = allow(ResourceType.TOPIC, PatternType.LITERAL, "made", AclOperation.WRITE);
        AclBindingFilter filter = rule.toFilter();

        admin.createAcls(List.of(rule)).all().get();
        assertEquals(
                List.of(rule), List.copyOf(admin.describeAcls(filter).values().get()));
        assertEquals(
                List.of(rule),
                List.copyOf(admin.deleteAcls(List.of(filter)).all().get()));
        assertTrue(admin.describeAcls(filter).values().get().isEmpty());
    }

    @Test
    void everyApiHasARule() {
        SupportedVersions.all()
                .ranges()
                .keySet()
                .forEach(key -> assertTrue(
                        MillraceApi.forKey(key) != null || AuthorizationFilter.covers(key),
                        "API " + key + " needs an access rule in DataRules, TopicRules, GroupRules or ClusterRules"));
    }

    @Test
    void aShareGroupsMemberReadsTheGroupAndItsTopics() throws Exception {
        send("team-a");
        ConfigResource group = new ConfigResource(ConfigResource.Type.GROUP, "share-readers");
        admin.incrementalAlterConfigs(Map.of(
                        group,
                        List.of(new AlterConfigOp(
                                new ConfigEntry("share.auto.offset.reset", "earliest"), AlterConfigOp.OpType.SET))))
                .all()
                .get();

        assertEquals("hello", share("alice", "share-readers", "team-a").get(0));
        assertThrows(GroupAuthorizationException.class, () -> share("alice", "strangers", "team-a"));
        assertThrows(TopicAuthorizationException.class, () -> share("alice", "share-readers", "secret"));
        try (Admin bob = Admin.create(client("bob"))) {
            // bob may describe the group, but none of its topics.
            assertEquals(
                    Map.of(),
                    bob.listShareGroupOffsets(Map.of("share-readers", new ListShareGroupOffsetsSpec()))
                            .partitionsToOffsetInfo("share-readers")
                            .get());
        }
    }

    private static List<String> share(String user, String group, String topic) {
        Map<String, Object> config = client(user);
        config.remove("auto.offset.reset");
        config.put("group.id", group);
        List<String> received = new ArrayList<>();
        try (KafkaShareConsumer<String, String> consumer =
                new KafkaShareConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (received.isEmpty() && System.nanoTime() < deadline) {
                consumer.poll(Duration.ofMillis(200)).forEach(record -> received.add(record.value()));
            }
        }
        return received;
    }
}
