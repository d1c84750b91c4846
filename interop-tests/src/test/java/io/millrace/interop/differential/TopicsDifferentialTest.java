// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.batch;
import static io.millrace.interop.differential.Requests.produce;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.given;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.CREATE_PARTITIONS;
import static org.apache.kafka.common.protocol.ApiKeys.CREATE_TOPICS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_RECORDS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_TOPICS;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.METADATA;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.interop.differential.Step.Call;
import io.millrace.peers.KafkaServer;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreatePartitionsRequestData;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsAssignment;
import org.apache.kafka.common.message.CreatePartitionsRequestData.CreatePartitionsTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableReplicaAssignment;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopicConfig;
import org.apache.kafka.common.message.DeleteRecordsRequestData;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsPartition;
import org.apache.kafka.common.message.DeleteRecordsRequestData.DeleteRecordsTopic;
import org.apache.kafka.common.message.DeleteTopicsRequestData;
import org.apache.kafka.common.message.DeleteTopicsRequestData.DeleteTopicState;
import org.apache.kafka.common.message.ListOffsetsRequestData;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsPartition;
import org.apache.kafka.common.message.ListOffsetsRequestData.ListOffsetsTopic;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class TopicsDifferentialTest {
    private static final String TOPIC = "diff-topics";

    @TestFactory
    Stream<DynamicTest> topicsAreCreated(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(TOPIC, 1),
                step("exists", create(TOPIC, topic -> {})),
                step(
                        "exists, validate only",
                        s -> s.ask(CREATE_TOPICS, 5, one(TOPIC, t -> {}).setValidateOnly(true))),
                step(
                                "validate only",
                                s -> s.ask(
                                        CREATE_TOPICS,
                                        7,
                                        one("diff-v", t -> t.setNumPartitions(3))
                                                .setValidateOnly(true)))
                        .wantedDifference("Kafka tells an id that no topic will have"),
                step("validated only is not there", s -> s.ask(METADATA, 9, metadata("diff-v"))),
                step("empty name", create("", topic -> {})),
                step("bad characters", create("a/b", topic -> {})),
                step("one dot", create(".", topic -> {})),
                step("two dots", create("..", topic -> {})),
                step("a name of 250 characters", create("x".repeat(250), topic -> {})),
                step("a name that collides by its dot", create("diff.topics", topic -> {})),
                step("0 partitions", create("diff-bad", topic -> topic.setNumPartitions(0))),
                step("-2 partitions", create("diff-bad", topic -> topic.setNumPartitions(-2))),
                step("replication factor 0", create("diff-bad", topic -> topic.setReplicationFactor((short) 0))),
                step("replication factor 3", create("diff-bad", topic -> topic.setReplicationFactor((short) 3))),
                step("replication factor -2", create("diff-bad", topic -> topic.setReplicationFactor((short) -2))),
                step(
                        "defaults of the broker",
                        create(
                                "diff-defaults",
                                topic -> topic.setNumPartitions(-1).setReplicationFactor((short) -1))),
                step("unknown config", create("diff-bad", config("no.such.thing", "1"))),
                step("bad config value", create("diff-bad", config("retention.ms", "tomorrow"))),
                step("config out of range", create("diff-bad", config("segment.bytes", "1"))),
                step("null config value", create("diff-bad", config("retention.ms", null))),
                step("bad cleanup policy", create("diff-bad", config("cleanup.policy", "sometimes"))),
                step("compacted and deleted", create("diff-both", config("cleanup.policy", "compact,delete"))),
                step("min.insync.replicas 0", create("diff-bad", config("min.insync.replicas", "0"))),
                step("the same topic twice in a request", s -> {
                            CreateTopicsRequestData request = one("diff-twice", t -> {});
                            request.topics().mustAdd(of("diff-twice"));
                            return s.ask(CREATE_TOPICS, 5, request);
                        })
                        .wantedDifference("Kafka answers once for both"),
                step("assignment to an unknown broker", create("diff-bad", assigned(0, 4711))),
                step(
                        "assignment that leaves out partition 0",
                        s -> s.ask(CREATE_TOPICS, 5, one("diff-bad", assigned(1, Requests.nodeId(s))))),
                step(
                        "assignment and partitions both",
                        s -> s.ask(
                                CREATE_TOPICS,
                                5,
                                one("diff-bad", assigned(0, Requests.nodeId(s)).andThen(t -> t.setNumPartitions(1))))),
                step(
                        "an assignment",
                        s -> s.ask(CREATE_TOPICS, 5, one("diff-assigned", assigned(0, Requests.nodeId(s))))),
                step("nothing", s -> s.ask(CREATE_TOPICS, 5, new CreateTopicsRequestData())));
    }

    @TestFactory
    Stream<DynamicTest> topicsAreDescribedAndDeleted(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-delete";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 2),
                step("metadata", s -> s.ask(METADATA, 9, metadata(t))),
                step("metadata, version 0", s -> s.ask(METADATA, 0, metadata(t))),
                step("metadata by id", s -> s.ask(METADATA, 12, metadataById(Requests.topicId(s, t)))),
                step("metadata of an unknown id", s -> s.ask(METADATA, 12, metadataById(new Uuid(4, 4)))),
                step("metadata of an unknown topic", s -> s.ask(METADATA, 9, metadata("diff-no-such"))),
                step("metadata of a bad name", s -> s.ask(METADATA, 9, metadata("a/b"))),
                step("metadata of an empty name", s -> s.ask(METADATA, 9, metadata(""))),
                step("delete an unknown topic", s -> s.ask(DELETE_TOPICS, 5, deletion("diff-no-such"))),
                step("delete a bad name", s -> s.ask(DELETE_TOPICS, 5, deletion("a/b"))),
                step("delete an unknown id", s -> s.ask(DELETE_TOPICS, 6, deletionById(null, new Uuid(4, 4)))),
                step("delete with name and id", s -> s.ask(DELETE_TOPICS, 6, deletionById(t, Requests.topicId(s, t)))),
                step("delete with neither", s -> s.ask(DELETE_TOPICS, 6, deletionById(null, Uuid.ZERO_UUID))),
                step("delete", s -> s.ask(DELETE_TOPICS, 5, deletion(t))),
                step("delete again", s -> s.ask(DELETE_TOPICS, 5, deletion(t))));
    }

    @TestFactory
    Stream<DynamicTest> partitionsAreAdded(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-partitions";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 2),
                step("partitions: fewer", s -> s.ask(CREATE_PARTITIONS, 3, partitions(t, 1))),
                step("partitions: as many", s -> s.ask(CREATE_PARTITIONS, 3, partitions(t, 2))),
                step("partitions: 0", s -> s.ask(CREATE_PARTITIONS, 3, partitions(t, 0))),
                step(
                        "partitions: of an unknown topic",
                        s -> s.ask(CREATE_PARTITIONS, 3, partitions("diff-no-such", 4))),
                step(
                        "partitions: validate only",
                        s -> s.ask(CREATE_PARTITIONS, 3, partitions(t, 4).setValidateOnly(true))),
                step("partitions: to an unknown broker", s -> s.ask(CREATE_PARTITIONS, 3, assigned(t, 3, 4711))),
                step(
                        "partitions: with too many assignments",
                        s -> s.ask(CREATE_PARTITIONS, 3, assigned(t, 3, Requests.nodeId(s), Requests.nodeId(s)))),
                step("partitions: more", s -> s.ask(CREATE_PARTITIONS, 3, partitions(t, 3))),
                step(
                        "partitions: with an assignment",
                        s -> s.ask(CREATE_PARTITIONS, 3, assigned(t, 4, Requests.nodeId(s)))));
    }

    @TestFactory
    Stream<DynamicTest> recordsAreDeleted(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-records";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 1),
                given("records", s -> {
                    s.ask(PRODUCE, 9, produce(t, 0, -1, batch("a", "b", "c")));
                    return s.ask(PRODUCE, 9, produce(t, 0, -1, batch("d", "e")));
                }),
                step("beyond the end", s -> s.ask(DELETE_RECORDS, 2, records(t, 0, 6))),
                step("a negative offset", s -> s.ask(DELETE_RECORDS, 2, records(t, 0, -3))),
                step("an unknown partition", s -> s.ask(DELETE_RECORDS, 2, records(t, 4, 1))),
                step("an unknown topic", s -> s.ask(DELETE_RECORDS, 2, records("diff-no-such", 0, 1))),
                step("within a batch", s -> s.ask(DELETE_RECORDS, 2, records(t, 0, 2))),
                step("backwards", s -> s.ask(DELETE_RECORDS, 2, records(t, 0, 1))),
                step("earliest", s -> s.ask(LIST_OFFSETS, 7, earliest(t))),
                step(
                        "fetch below the start",
                        s -> Requests.fetched(
                                s, 12, Requests.fetch(Requests.fetchTopic(t, Requests.fetchPartition(0, 1, 1000))))),
                step(
                        "fetch from the start",
                        s -> Requests.fetched(
                                s, 12, Requests.fetch(Requests.fetchTopic(t, Requests.fetchPartition(0, 2, 1000))))),
                step("all", s -> s.ask(DELETE_RECORDS, 2, records(t, 0, -1))),
                step("earliest of none", s -> s.ask(LIST_OFFSETS, 7, earliest(t))),
                step("the next offset", s -> s.ask(PRODUCE, 9, produce(t, 0, -1, batch("f")))));
    }

    private static Call create(String name, Consumer<CreatableTopic> changes) {
        return s -> s.ask(CREATE_TOPICS, 5, one(name, changes));
    }

    private static CreateTopicsRequestData one(String name, Consumer<CreatableTopic> changes) {
        CreatableTopic topic = of(name);
        changes.accept(topic);
        CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        request.topics().add(topic);
        return request;
    }

    private static CreatableTopic of(String name) {
        return new CreatableTopic().setName(name).setNumPartitions(1).setReplicationFactor((short) 1);
    }

    private static Consumer<CreatableTopic> config(String key, String value) {
        return topic ->
                topic.configs().add(new CreatableTopicConfig().setName(key).setValue(value));
    }

    private static Consumer<CreatableTopic> assigned(int partition, int broker) {
        return topic -> {
            topic.setNumPartitions(-1).setReplicationFactor((short) -1);
            topic.assignments()
                    .add(new CreatableReplicaAssignment()
                            .setPartitionIndex(partition)
                            .setBrokerIds(List.of(broker)));
        };
    }

    private static MetadataRequestData metadata(String topic) {
        MetadataRequestData request = new MetadataRequestData().setAllowAutoTopicCreation(topic.equals("diff-delete"));
        return request.setTopics(List.of(new MetadataRequestTopic().setName(topic)));
    }

    private static MetadataRequestData metadataById(Uuid id) {
        MetadataRequestData request = new MetadataRequestData().setAllowAutoTopicCreation(false);
        return request.setTopics(
                List.of(new MetadataRequestTopic().setName(null).setTopicId(id)));
    }

    private static DeleteTopicsRequestData deletion(String name) {
        return new DeleteTopicsRequestData().setTopicNames(List.of(name)).setTimeoutMs(10_000);
    }

    private static DeleteTopicsRequestData deletionById(String name, Uuid id) {
        return new DeleteTopicsRequestData()
                .setTopics(List.of(new DeleteTopicState().setName(name).setTopicId(id)))
                .setTimeoutMs(10_000);
    }

    private static CreatePartitionsRequestData partitions(String topic, int count) {
        CreatePartitionsRequestData request = new CreatePartitionsRequestData().setTimeoutMs(10_000);
        request.topics()
                .add(new CreatePartitionsTopic().setName(topic).setCount(count).setAssignments(null));
        return request;
    }

    private static CreatePartitionsRequestData assigned(String topic, int count, Integer... brokers) {
        CreatePartitionsRequestData request = partitions(topic, count);
        request.topics()
                .find(topic)
                .setAssignments(Stream.of(brokers)
                        .map(broker -> new CreatePartitionsAssignment().setBrokerIds(List.of(broker)))
                        .toList());
        return request;
    }

    private static DeleteRecordsRequestData records(String topic, int partition, long offset) {
        return new DeleteRecordsRequestData()
                .setTimeoutMs(10_000)
                .setTopics(List.of(new DeleteRecordsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new DeleteRecordsPartition()
                                .setPartitionIndex(partition)
                                .setOffset(offset)))));
    }

    private static ListOffsetsRequestData earliest(String topic) {
        return new ListOffsetsRequestData()
                .setReplicaId(-1)
                .setTopics(List.of(new ListOffsetsTopic()
                        .setName(topic)
                        .setPartitions(List.of(new ListOffsetsPartition().setTimestamp(-2)))));
    }
}
