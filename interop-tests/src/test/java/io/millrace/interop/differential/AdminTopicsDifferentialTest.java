// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.AdminStep.step;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListTopicsOptions;
import org.apache.kafka.clients.admin.NewPartitionReassignment;
import org.apache.kafka.clients.admin.NewPartitions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.ElectionType;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.TopicPartitionReplica;
import org.apache.kafka.common.Uuid;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/** The stock {@code Admin}, each method called sensibly and wrongly: what Millrace and Kafka let it answer or throw. */
@ExtendWith(Peers.class)
class AdminTopicsDifferentialTest {
    private static final String TOPIC = "admin-a";
    private static final TopicPartition P0 = new TopicPartition(TOPIC, 0);
    private static final TopicPartition UNKNOWN = new TopicPartition("admin-unknown", 0);
    private static final TopicPartition P99 = new TopicPartition(TOPIC, 99);
    private static final String ONE_COPY = "A partition has one copy, which stays where it is: not offered";
    private static final String ONE_DIRECTORY = "A broker has one data directory: not offered";

    @TestFactory
    Stream<DynamicTest> topics(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return AdminStep.compare(
                millrace,
                kafka,
                report,
                step("createTopics", to -> {
                    var made = to.admin()
                            .createTopics(List.of(
                                    new NewTopic(TOPIC, 3, (short) 1).configs(Map.of("retention.ms", "1000000000"))));
                    made.all().get();
                    return made.numPartitions(TOPIC).get() + " "
                            + made.replicationFactor(TOPIC).get() + " "
                            + made.config(TOPIC).get().get("retention.ms").value() + " "
                            + made.topicId(TOPIC).get().equals(Uuid.ZERO_UUID);
                }),
                step(
                        "createTopics again",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic(TOPIC, 3, (short) 1)))
                                .all()
                                .get()),
                step(
                        "createTopics, a bad name",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic("a b", 3, (short) 1)))
                                .all()
                                .get()),
                step(
                        "createTopics, no partitions",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic("admin-0", 0, (short) 1)))
                                .all()
                                .get()),
                step(
                        "createTopics, three replicas",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic("admin-0", 1, (short) 3)))
                                .all()
                                .get()),
                step(
                        "createTopics, unknown setting",
                        to -> to.admin()
                                .createTopics(
                                        List.of(new NewTopic("admin-0", 1, (short) 1).configs(Map.of("no.such", "1"))))
                                .all()
                                .get()),
                step(
                        "createTopics, assignment to an unknown broker",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic("admin-0", Map.of(0, List.of(77)))))
                                .all()
                                .get()),
                step("listTopics", to -> to.admin().listTopics().names().get().contains(TOPIC)),
                step(
                        "listTopics, internal",
                        to -> to.admin()
                                .listTopics(new ListTopicsOptions().listInternal(true))
                                .namesToListings()
                                .get()
                                .get(TOPIC)
                                .isInternal()),
                step(
                        "describeTopics",
                        to -> describe(to.admin()
                                .describeTopics(
                                        List.of(TOPIC), new DescribeTopicsOptions().includeAuthorizedOperations(true))
                                .topicNameValues()
                                .get(TOPIC)
                                .get())),
                step(
                        "describeTopics, unknown",
                        to -> to.admin()
                                .describeTopics(List.of("admin-unknown"))
                                .allTopicNames()
                                .get()),
                step(
                        "describeTopics, bad name",
                        to -> to.admin()
                                .describeTopics(List.of("a b"))
                                .allTopicNames()
                                .get()),
                step(
                        "describeTopics, unknown id",
                        to -> to.admin()
                                .describeTopics(TopicCollection.ofTopicIds(List.of(new Uuid(7, 7))))
                                .allTopicIds()
                                .get()),
                step(
                        "createPartitions",
                        to -> to.admin()
                                .createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(4)))
                                .all()
                                .get()),
                step(
                        "createPartitions, fewer",
                        to -> to.admin()
                                .createPartitions(Map.of(TOPIC, NewPartitions.increaseTo(2)))
                                .all()
                                .get()),
                step(
                        "createPartitions, unknown",
                        to -> to.admin()
                                .createPartitions(Map.of("admin-unknown", NewPartitions.increaseTo(2)))
                                .all()
                                .get()),
                step(
                        "deleteRecords, nothing",
                        to -> to.admin()
                                .deleteRecords(Map.of(P0, RecordsToDelete.beforeOffset(0)))
                                .lowWatermarks()
                                .get(P0)
                                .get()
                                .lowWatermark()),
                step(
                        "deleteRecords, beyond the end",
                        to -> to.admin()
                                .deleteRecords(Map.of(P0, RecordsToDelete.beforeOffset(50)))
                                .all()
                                .get()),
                step(
                        "deleteRecords, unknown",
                        to -> to.admin()
                                .deleteRecords(Map.of(UNKNOWN, RecordsToDelete.beforeOffset(50)))
                                .all()
                                .get(),
                        2),
                step(
                        "listOffsets",
                        to -> to.admin()
                                .listOffsets(
                                        Map.of(P0, OffsetSpec.latest()),
                                        new ListOffsetsOptions(IsolationLevel.READ_COMMITTED))
                                .partitionResult(P0)
                                .get()
                                .offset()),
                step(
                        "listOffsets, max timestamp",
                        to -> to.admin()
                                .listOffsets(Map.of(P0, OffsetSpec.maxTimestamp()))
                                .partitionResult(P0)
                                .get()
                                .offset()),
                step(
                        "listOffsets, time",
                        to -> to.admin()
                                .listOffsets(Map.of(P0, OffsetSpec.forTimestamp(5)))
                                .partitionResult(P0)
                                .get()
                                .offset()),
                step(
                        "listOffsets, earliest local",
                        to -> to.admin()
                                .listOffsets(Map.of(P0, OffsetSpec.earliestLocal()))
                                .partitionResult(P0)
                                .get()
                                .offset()),
                step(
                        "listOffsets, latest tiered",
                        to -> to.admin()
                                .listOffsets(Map.of(P0, OffsetSpec.latestTiered()))
                                .partitionResult(P0)
                                .get()
                                .offset()),
                step(
                        "listOffsets, earliest pending upload",
                        to -> to.admin()
                                .listOffsets(Map.of(P0, OffsetSpec.earliestPendingUpload()))
                                .partitionResult(P0)
                                .get()
                                .offset()),
                step(
                        "describeProducers",
                        to -> to.admin()
                                .describeProducers(List.of(P0))
                                .partitionResult(P0)
                                .get()
                                .activeProducers()),
                step(
                        "describeProducers, unknown partition",
                        to -> to.admin()
                                .describeProducers(List.of(P99))
                                .partitionResult(P99)
                                .get(),
                        2),
                step(
                        "electLeaders",
                        to -> to.admin()
                                .electLeaders(ElectionType.PREFERRED, Set.of(P0))
                                .partitions()
                                .get()
                                .get(P0)
                                .map(e -> e.getClass().getSimpleName())),
                step(
                        "electLeaders, all",
                        to -> to.admin()
                                .electLeaders(ElectionType.PREFERRED, null)
                                .partitions()
                                .get()),
                step(
                        "electLeaders, unclean",
                        to -> to.admin()
                                .electLeaders(ElectionType.UNCLEAN, Set.of(P0))
                                .partitions()
                                .get()
                                .get(P0)
                                .map(e -> e.getClass().getSimpleName())),
                step(
                        "electLeaders, unknown",
                        to -> to.admin()
                                .electLeaders(ElectionType.PREFERRED, Set.of(UNKNOWN))
                                .partitions()
                                .get()
                                .get(UNKNOWN)
                                .map(e -> e.getClass().getSimpleName())),
                step(
                        "listPartitionReassignments",
                        to -> to.admin()
                                .listPartitionReassignments()
                                .reassignments()
                                .get()),
                step(
                        "listPartitionReassignments of one",
                        to -> to.admin()
                                .listPartitionReassignments(Set.of(P0))
                                .reassignments()
                                .get()),
                step(
                        "listPartitionReassignments, unknown",
                        to -> to.admin()
                                .listPartitionReassignments(Set.of(UNKNOWN))
                                .reassignments()
                                .get()),
                step(
                                "alterPartitionReassignments, to where it is",
                                to -> to.admin()
                                        .alterPartitionReassignments(Map.of(
                                                P0, Optional.of(new NewPartitionReassignment(List.of(to.brokerId())))))
                                        .all()
                                        .get())
                        .wantedDifference(ONE_COPY),
                step(
                                "alterPartitionReassignments, to an unknown broker",
                                to -> to.admin()
                                        .alterPartitionReassignments(
                                                Map.of(P0, Optional.of(new NewPartitionReassignment(List.of(77)))))
                                        .all()
                                        .get())
                        .wantedDifference(ONE_COPY),
                step(
                                "alterPartitionReassignments, cancel nothing",
                                to -> to.admin()
                                        .alterPartitionReassignments(Map.of(P0, Optional.empty()))
                                        .all()
                                        .get())
                        .wantedDifference(ONE_COPY),
                step(
                                "alterPartitionReassignments, unknown",
                                to -> to.admin()
                                        .alterPartitionReassignments(Map.of(UNKNOWN, Optional.empty()))
                                        .all()
                                        .get())
                        .wantedDifference(ONE_COPY),
                step(
                        "describeLogDirs",
                        to -> to
                                .admin()
                                .describeLogDirs(List.of(to.brokerId()))
                                .allDescriptions()
                                .get()
                                .get(to.brokerId())
                                .values()
                                .stream()
                                .map(dir -> dir.error() + " "
                                        + dir.replicaInfos().get(P0).isFuture() + " "
                                        + dir.replicaInfos().get(P0).offsetLag() + " " + dir.isCordoned())
                                .toList()),
                step(
                        "describeLogDirs, unknown broker",
                        to -> to.admin()
                                .describeLogDirs(List.of(77))
                                .allDescriptions()
                                .get(),
                        2),
                step(
                        "describeReplicaLogDirs",
                        to -> to
                                .admin()
                                .describeReplicaLogDirs(List.of(new TopicPartitionReplica(TOPIC, 0, to.brokerId())))
                                .all()
                                .get()
                                .values()
                                .stream()
                                .map(d -> (d.getCurrentReplicaLogDir() != null) + " " + d.getFutureReplicaLogDir())
                                .toList()),
                step(
                        "describeReplicaLogDirs, unknown",
                        to -> to
                                .admin()
                                .describeReplicaLogDirs(
                                        List.of(new TopicPartitionReplica("admin-unknown", 0, to.brokerId())))
                                .all()
                                .get()
                                .values()
                                .stream()
                                .map(d -> (d.getCurrentReplicaLogDir() != null) + " " + d.getFutureReplicaLogDir())
                                .toList()),
                step(
                                "alterReplicaLogDirs, to an unknown directory",
                                to -> to.admin()
                                        .alterReplicaLogDirs(
                                                Map.of(new TopicPartitionReplica(TOPIC, 0, to.brokerId()), "/no/such"))
                                        .all()
                                        .get())
                        .wantedDifference(ONE_DIRECTORY),
                step(
                        "deleteTopics, unknown",
                        to -> to.admin()
                                .deleteTopics(List.of("admin-unknown"))
                                .all()
                                .get()),
                step(
                        "deleteTopics, unknown id",
                        to -> to.admin()
                                .deleteTopics(TopicCollection.ofTopicIds(List.of(new Uuid(7, 7))))
                                .all()
                                .get()),
                step("deleteTopics by id", to -> {
                    Uuid id = to.admin()
                            .createTopics(List.of(new NewTopic("admin-gone", 1, (short) 1)))
                            .topicId("admin-gone")
                            .get();
                    return to.admin()
                            .deleteTopics(TopicCollection.ofTopicIds(List.of(id)))
                            .all()
                            .get();
                }));
    }

    private static String describe(TopicDescription topic) {
        return topic.name()
                + topic.isInternal()
                + topic.partitions().size()
                + topic.partitions().get(0).isr().size()
                + topic.partitions().get(0).elr()
                + topic.partitions().get(0).lastKnownElr()
                + new TreeSet<>(topic.authorizedOperations());
    }
}
