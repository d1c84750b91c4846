// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.AlterConfigsOptions;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.ConfigEntry.ConfigSource;
import org.apache.kafka.clients.admin.CreatePartitionsOptions;
import org.apache.kafka.clients.admin.CreateTopicsOptions;
import org.apache.kafka.clients.admin.DescribeClusterOptions;
import org.apache.kafka.clients.admin.DescribeConfigsOptions;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.LogDirDescription;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.InvalidConfigurationException;
import org.apache.kafka.common.errors.InvalidPartitionsException;
import org.apache.kafka.common.errors.InvalidReplicaAssignmentException;
import org.apache.kafka.common.errors.InvalidReplicationFactorException;
import org.apache.kafka.common.errors.InvalidRequestException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OffsetOutOfRangeException;
import org.apache.kafka.common.errors.PolicyViolationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicIdException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Topics, partitions, settings and logs through the stock AdminClient. */
@Timeout(60)
class StockAdminApisTest {
    private static TestBroker broker;
    private static Admin admin;

    @BeforeAll
    static void start() {
        broker = new TestBroker(BrokerConfig.defaults()
                .with(BrokerConfigKeys.NUM_PARTITIONS, 1)
                .with(BrokerConfigKeys.MESSAGE_MAX_BYTES, 2_000_000));
        admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrap()));
    }

    @AfterAll
    static void stop() {
        admin.close(Duration.ofSeconds(1));
        broker.close();
    }

    @Test
    void aTopicIsValidatedWithoutBeingMade() throws Exception {
        var validated = admin.createTopics(
                List.of(new NewTopic("only-checked", 3, (short) -1)), new CreateTopicsOptions().validateOnly(true));

        assertEquals(3, validated.numPartitions("only-checked").get());
        assertFalse(admin.listTopics().names().get().contains("only-checked"));
        create("there", 1);
        assertInstanceOf(
                TopicExistsException.class,
                failure(admin.createTopics(
                                List.of(new NewTopic("there", 3, (short) -1)),
                                new CreateTopicsOptions().validateOnly(true))
                        .all()));
    }

    @Test
    void replicasAreAssignedByHandToLivingBrokers() throws Exception {
        admin.createTopics(List.of(new NewTopic("by-hand", Map.of(0, List.of(0), 1, List.of(0)))))
                .all()
                .get();

        assertEquals(2, describe("by-hand").partitions().size());
        assertInstanceOf(
                InvalidReplicaAssignmentException.class,
                failure(admin.createTopics(List.of(new NewTopic("far", Map.of(0, List.of(7)))))
                        .all()));
        assertInstanceOf(
                InvalidReplicaAssignmentException.class,
                failure(admin.createTopics(List.of(new NewTopic("gap", Map.of(1, List.of(0)))))
                        .all()));
        assertInstanceOf(
                InvalidReplicationFactorException.class,
                failure(admin.createTopics(List.of(new NewTopic("copies", 1, (short) 3)))
                        .all()));
    }

    @Test
    void namesThatDifferOnlyInDotsAndUnderscoresCollide() throws Exception {
        create("a.b_c", 1);

        assertInstanceOf(
                InvalidTopicException.class,
                failure(admin.createTopics(List.of(new NewTopic("a_b.c", 1, (short) 1)))
                        .all()));
    }

    @Test
    void aTopicIsDeletedByItsId() throws Exception {
        create("by-id", 1);
        Uuid id = describe("by-id").topicId();

        admin.deleteTopics(TopicCollection.ofTopicIds(Set.of(id))).all().get();

        assertFalse(admin.listTopics().names().get().contains("by-id"));
        assertInstanceOf(
                UnknownTopicIdException.class,
                failure(admin.deleteTopics(TopicCollection.ofTopicIds(Set.of(id)))
                        .all()));
    }

    @Test
    void partitionsAreAddedAndServed() throws Exception {
        create("grows", 1);

        admin.createPartitions(Map.of("grows", NewPartitions.increaseTo(3)))
                .all()
                .get();
        admin.createPartitions(Map.of("grows", NewPartitions.increaseTo(4, List.of(List.of(0)))))
                .all()
                .get();

        assertEquals(4, describe("grows").partitions().size());
        send("grows", 3, "a");
        assertEquals(1, end("grows", 3));
    }

    @Test
    void aGrowthThatIsNoneIsRefused() throws Exception {
        create("stays", 2);

        assertInstanceOf(InvalidPartitionsException.class, growthFailure("stays", NewPartitions.increaseTo(2)));
        assertInstanceOf(InvalidPartitionsException.class, growthFailure("stays", NewPartitions.increaseTo(1)));
        assertInstanceOf(UnknownTopicOrPartitionException.class, growthFailure("missing", NewPartitions.increaseTo(2)));
        assertInstanceOf(
                InvalidReplicaAssignmentException.class,
                growthFailure("stays", NewPartitions.increaseTo(4, List.of(List.of(0)))));
        admin.createPartitions(
                        Map.of("stays", NewPartitions.increaseTo(3)), new CreatePartitionsOptions().validateOnly(true))
                .all()
                .get();
        assertEquals(2, describe("stays").partitions().size());
    }

    @Test
    void settingsAreSetDeletedAppendedAndSubtracted() throws Exception {
        create("settings", 1);

        alter("settings", op("retention.ms", "1000", OpType.SET), op("cleanup.policy", "compact", OpType.APPEND));
        assertEquals("1000", config("settings").get("retention.ms").value());
        assertEquals("delete,compact", config("settings").get("cleanup.policy").value());

        alter("settings", op("retention.ms", "", OpType.DELETE), op("cleanup.policy", "delete", OpType.SUBTRACT));
        assertEquals(
                ConfigSource.DEFAULT_CONFIG,
                config("settings").get("retention.ms").source());
        assertEquals("compact", config("settings").get("cleanup.policy").value());
    }

    @Test
    void aTopicsSettingsAreShownWithTypeDocumentationAndAllTheirSources() throws Exception {
        create("explained", 1);
        alter("explained", op("max.message.bytes", "1000", OpType.SET));

        Config config = admin.describeConfigs(
                        List.of(topic("explained")),
                        new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true))
                .all()
                .get()
                .get(topic("explained"));

        ConfigEntry own = config.get("max.message.bytes");
        assertEquals("1000", own.value());
        assertEquals(ConfigSource.DYNAMIC_TOPIC_CONFIG, own.source());
        assertEquals(ConfigEntry.ConfigType.INT, own.type());
        assertNotNull(own.documentation());
        assertEquals(
                List.of("max.message.bytes", "message.max.bytes", "message.max.bytes"),
                own.synonyms().stream().map(synonym -> synonym.name()).toList());
        assertEquals(
                List.of(
                        ConfigSource.DYNAMIC_TOPIC_CONFIG,
                        ConfigSource.STATIC_BROKER_CONFIG,
                        ConfigSource.DEFAULT_CONFIG),
                own.synonyms().stream().map(synonym -> synonym.source()).toList());
        assertEquals(ConfigEntry.ConfigType.LIST, config.get("cleanup.policy").type());
        create("plain", 1);
        assertEquals("2000000", config("plain").get("max.message.bytes").value());
        assertEquals(
                ConfigSource.STATIC_BROKER_CONFIG,
                config("plain").get("max.message.bytes").source());
    }

    @Test
    void badSettingsChangeNothing() throws Exception {
        create("settled", 1);

        assertInstanceOf(
                InvalidConfigurationException.class, alterFailure("settled", op("retention.ms", "soon", OpType.SET)));
        assertInstanceOf(
                InvalidConfigurationException.class, alterFailure("settled", op("no.such.key", "1", OpType.SET)));
        assertInstanceOf(
                InvalidConfigurationException.class, alterFailure("settled", op("retention.ms", "1", OpType.APPEND)));
        assertInstanceOf(
                UnknownTopicOrPartitionException.class, alterFailure("missing", op("retention.ms", "1", OpType.SET)));
        admin.incrementalAlterConfigs(
                        Map.of(topic("settled"), List.of(op("retention.ms", "5", OpType.SET))),
                        new AlterConfigsOptions().validateOnly(true))
                .all()
                .get();
        assertEquals(
                ConfigSource.DEFAULT_CONFIG,
                config("settled").get("retention.ms").source());
    }

    @Test
    void aBrokersSettingsAreShownWithTheirSourcesAndCannotBeChanged() throws Exception {
        ConfigResource self = new ConfigResource(ConfigResource.Type.BROKER, "0");

        Config config = admin.describeConfigs(
                        List.of(self),
                        new DescribeConfigsOptions().includeSynonyms(true).includeDocumentation(true))
                .all()
                .get()
                .get(self);

        ConfigEntry entry = config.get("num.partitions");
        assertEquals("1", entry.value());
        assertEquals(ConfigSource.STATIC_BROKER_CONFIG, entry.source());
        assertEquals(ConfigEntry.ConfigType.INT, entry.type());
        assertEquals(2, entry.synonyms().size());
        assertNotNull(entry.documentation());
        assertTrue(entry.isReadOnly());
        assertInstanceOf(
                InvalidRequestException.class,
                failure(admin.incrementalAlterConfigs(Map.of(self, List.of(op("num.partitions", "2", OpType.SET))))
                        .all()));
        assertInstanceOf(
                InvalidConfigurationException.class,
                failure(admin.incrementalAlterConfigs(Map.of(self, List.of(op("no.such.key", "2", OpType.SET))))
                        .all()));
    }

    @Test
    void recordsAreDeletedUpToAnOffset() throws Exception {
        create("trimmed", 1);
        TopicPartition partition = new TopicPartition("trimmed", 0);
        for (String value : List.of("a", "b", "c")) {
            send("trimmed", 0, value);
        }

        var deleted = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(2)));

        assertEquals(2, deleted.lowWatermarks().get(partition).get().lowWatermark());
        assertEquals(
                2,
                admin.listOffsets(Map.of(partition, OffsetSpec.earliest()))
                        .partitionResult(partition)
                        .get()
                        .offset());
        assertInstanceOf(
                OffsetOutOfRangeException.class,
                failure(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(9)))
                        .all()));
        alter("trimmed", op("cleanup.policy", "compact", OpType.SET));
        assertInstanceOf(
                PolicyViolationException.class,
                failure(admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(3)))
                        .all()));
    }

    @Test
    void allRecordsAreDeletedAndTheLogGoesOn() throws Exception {
        create("emptied", 1);
        TopicPartition partition = new TopicPartition("emptied", 0);
        send("emptied", 0, "a");
        send("emptied", 0, "b");

        var deleted = admin.deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(-1)));

        assertEquals(2, deleted.lowWatermarks().get(partition).get().lowWatermark());
        send("emptied", 0, "c");
        assertEquals(3, end("emptied", 0));
    }

    @Test
    void logDirectoriesTellWhatEachPartitionTakes() throws Exception {
        create("sized", 2);
        send("sized", 1, "x".repeat(1_000));

        Map<String, LogDirDescription> directories =
                admin.describeLogDirs(List.of(0)).allDescriptions().get().get(0);

        LogDirDescription directory = directories.values().iterator().next();
        assertTrue(directory.replicaInfos().get(new TopicPartition("sized", 1)).size() > 1_000);
        assertEquals(
                0, directory.replicaInfos().get(new TopicPartition("sized", 0)).offsetLag());
    }

    @Test
    void topicsAreDescribedPageByPage() throws Exception {
        create("page-a", 3);
        create("page-b", 4);

        Map<String, TopicDescription> described = admin.describeTopics(
                        TopicCollection.ofTopicNames(List.of("page-a", "page-b")),
                        new DescribeTopicsOptions().partitionSizeLimitPerResponse(2))
                .allTopicNames()
                .get();

        assertEquals(3, described.get("page-a").partitions().size());
        assertEquals(
                List.of(0, 1, 2, 3),
                described.get("page-b").partitions().stream()
                        .map(partition -> partition.partition())
                        .toList());
        assertInstanceOf(
                UnknownTopicOrPartitionException.class,
                failure(admin.describeTopics(List.of("missing")).allTopicNames()));
    }

    @Test
    void theClusterTellsWhatMayBeDone() throws Exception {
        var cluster = admin.describeCluster(new DescribeClusterOptions().includeAuthorizedOperations(true));

        assertTrue(cluster.authorizedOperations().get().contains(AclOperation.CREATE));
        assertEquals(0, cluster.controller().get().id());
    }

    private static void create(String name, int partitions) throws Exception {
        admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                .all()
                .get();
    }

    private static TopicDescription describe(String name) throws Exception {
        return admin.describeTopics(List.of(name)).allTopicNames().get().get(name);
    }

    private static ConfigResource topic(String name) {
        return new ConfigResource(ConfigResource.Type.TOPIC, name);
    }

    private static Config config(String name) throws Exception {
        return admin.describeConfigs(List.of(topic(name))).all().get().get(topic(name));
    }

    private static AlterConfigOp op(String name, String value, OpType type) {
        return new AlterConfigOp(new ConfigEntry(name, value), type);
    }

    private static void alter(String name, AlterConfigOp... changes) throws Exception {
        Collection<AlterConfigOp> all = Arrays.asList(changes);
        admin.incrementalAlterConfigs(Map.of(topic(name), all)).all().get();
    }

    private static Throwable alterFailure(String name, AlterConfigOp change) {
        return failure(admin.incrementalAlterConfigs(Map.of(topic(name), List.of(change)))
                .all());
    }

    private static Throwable growthFailure(String name, NewPartitions growth) {
        return failure(admin.createPartitions(Map.of(name, growth)).all());
    }

    private static Throwable failure(KafkaFuture<?> future) {
        return assertThrows(ExecutionException.class, future::get).getCause();
    }

    private static long end(String topic, int partition) throws Exception {
        TopicPartition wanted = new TopicPartition(topic, partition);
        return admin.listOffsets(Map.of(wanted, OffsetSpec.latest()))
                .partitionResult(wanted)
                .get()
                .offset();
    }

    private static void send(String topic, int partition, String value) throws Exception {
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "linger.ms", 0),
                new StringSerializer(),
                new StringSerializer())) {
            producer.send(new ProducerRecord<>(topic, partition, null, value)).get();
        }
    }
}
