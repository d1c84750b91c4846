// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.AdminStep.given;
import static io.millrace.interop.differential.AdminStep.step;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.ListConsumerGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListShareGroupOffsetsSpec;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.clients.admin.MemberToRemove;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/** The stock {@code Admin}, each method called sensibly and wrongly: what Millrace and Kafka let it answer or throw. */
@ExtendWith(Peers.class)
class AdminGroupsDifferentialTest {
    private static final String TOPIC = "admin-a";
    private static final TopicPartition UNKNOWN = new TopicPartition("admin-unknown", 0);
    private static final TopicPartition P99 = new TopicPartition(TOPIC, 99);
    private static final String GROUP = "admin-group";
    private static final String EMPTIED =
            "A group is gone with its last offset; Kafka keeps an empty shell for a while";
    private static final String NAMELESS =
            "An empty group id is told to be invalid, as it is by all other group requests";
    private static final String STREAMS = "No streams groups (KIP-1071): Streams runs with the classic protocol";

    @TestFactory
    @SuppressWarnings("removal") // What is there is called, as long as it is.
    Stream<DynamicTest> groupsAndTransactions(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        TopicPartition partition = new TopicPartition("admin-groups", 0);
        String none = "admin-no-group";
        return AdminStep.compare(
                millrace,
                kafka,
                report,
                given(
                        "a topic",
                        to -> to.admin()
                                .createTopics(List.of(new NewTopic("admin-groups", 1, (short) 1)))
                                .all()
                                .get()),
                step(
                        "alterConsumerGroupOffsets",
                        to -> to.admin()
                                .alterConsumerGroupOffsets(
                                        GROUP, Map.of(partition, new OffsetAndMetadata(0, Optional.of(0), "meta")))
                                .all()
                                .get()),
                step(
                        "alterConsumerGroupOffsets, unknown topic",
                        to -> to.admin()
                                .alterConsumerGroupOffsets(GROUP, Map.of(UNKNOWN, new OffsetAndMetadata(0)))
                                .all()
                                .get()),
                step(
                        "alterConsumerGroupOffsets, negative",
                        to -> to.admin()
                                .alterConsumerGroupOffsets(GROUP, Map.of(partition, new OffsetAndMetadata(-1)))
                                .all()
                                .get()),
                step(
                        "listConsumerGroupOffsets",
                        to -> to.admin()
                                .listConsumerGroupOffsets(GROUP)
                                .partitionsToOffsetAndMetadata()
                                .get()),
                step(
                        "listConsumerGroupOffsets of one",
                        to -> to.admin()
                                .listConsumerGroupOffsets(Map.of(
                                        GROUP,
                                        new ListConsumerGroupOffsetsSpec().topicPartitions(List.of(partition, P99))))
                                .partitionsToOffsetAndMetadata()
                                .get()),
                step(
                        "listConsumerGroupOffsets, unknown group",
                        to -> to.admin()
                                .listConsumerGroupOffsets(none)
                                .partitionsToOffsetAndMetadata()
                                .get()),
                step(
                        "listGroups",
                        to -> to.admin().listGroups().all().get().stream()
                                .filter(g -> g.groupId().equals(GROUP))
                                .toList()),
                step(
                        "listConsumerGroups",
                        to -> to.admin().listConsumerGroups().all().get().stream()
                                .filter(g -> g.groupId().equals(GROUP))
                                .toList()),
                step(
                        "describeConsumerGroups",
                        to -> to.admin().describeConsumerGroups(List.of(GROUP)).all().get().values().stream()
                                .map(g -> g.groupId()
                                        + g.type()
                                        + g.groupState()
                                        + g.members()
                                        + g.partitionAssignor()
                                        + g.isSimpleConsumerGroup())
                                .toList()),
                step(
                        "describeConsumerGroups, unknown",
                        to -> to.admin()
                                .describeConsumerGroups(List.of(none))
                                .all()
                                .get()),
                step(
                        "describeClassicGroups",
                        to -> to.admin().describeClassicGroups(List.of(GROUP)).all().get().values().stream()
                                .map(g -> g.groupId()
                                        + g.protocol()
                                        + g.state()
                                        + g.members()
                                        + g.isSimpleConsumerGroup())
                                .toList()),
                step(
                        "describeClassicGroups, unknown",
                        to -> to.admin()
                                .describeClassicGroups(List.of(none))
                                .all()
                                .get()),
                step(
                        "removeMembersFromConsumerGroup, unknown member",
                        to -> to.admin()
                                .removeMembersFromConsumerGroup(
                                        GROUP,
                                        new RemoveMembersFromConsumerGroupOptions(List.of(new MemberToRemove("x"))))
                                .all()
                                .get()),
                step(
                        "removeMembersFromConsumerGroup, all of none",
                        to -> to.admin()
                                .removeMembersFromConsumerGroup(GROUP, new RemoveMembersFromConsumerGroupOptions())
                                .all()
                                .get()),
                step(
                        "removeMembersFromConsumerGroup, unknown group",
                        to -> to.admin()
                                .removeMembersFromConsumerGroup(none, new RemoveMembersFromConsumerGroupOptions())
                                .all()
                                .get()),
                step(
                        "deleteConsumerGroupOffsets, unknown topic",
                        to -> to.admin()
                                .deleteConsumerGroupOffsets(GROUP, Set.of(UNKNOWN))
                                .all()
                                .get()),
                step(
                        "deleteConsumerGroupOffsets",
                        to -> to.admin()
                                .deleteConsumerGroupOffsets(GROUP, Set.of(partition))
                                .all()
                                .get()),
                step(
                        "deleteConsumerGroupOffsets, unknown group",
                        to -> to.admin()
                                .deleteConsumerGroupOffsets(none, Set.of(partition))
                                .all()
                                .get()),
                step(
                                "deleteConsumerGroups",
                                to -> to.admin()
                                        .deleteConsumerGroups(List.of(GROUP))
                                        .all()
                                        .get())
                        .wantedDifference(EMPTIED),
                step(
                        "deleteConsumerGroups, unknown",
                        to -> to.admin()
                                .deleteConsumerGroups(List.of(none))
                                .all()
                                .get()),
                step(
                                "deleteConsumerGroups, empty name",
                                to -> to.admin()
                                        .deleteConsumerGroups(List.of(""))
                                        .all()
                                        .get())
                        .wantedDifference(NAMELESS),
                step(
                        "describeShareGroups, unknown",
                        to -> to.admin()
                                .describeShareGroups(List.of(none))
                                .all()
                                .get()),
                step(
                        "alterShareGroupOffsets",
                        to -> to.admin()
                                .alterShareGroupOffsets("admin-share", Map.of(partition, 0L))
                                .all()
                                .get()),
                step(
                        "alterShareGroupOffsets, unknown topic",
                        to -> to.admin()
                                .alterShareGroupOffsets("admin-share", Map.of(UNKNOWN, 0L))
                                .all()
                                .get()),
                step(
                        "listShareGroupOffsets",
                        to -> to.admin()
                                .listShareGroupOffsets(Map.of("admin-share", new ListShareGroupOffsetsSpec()))
                                .partitionsToOffsetInfo("admin-share")
                                .get()
                                .keySet()),
                step(
                        "listShareGroupOffsets, unknown",
                        to -> to.admin()
                                .listShareGroupOffsets(Map.of(none, new ListShareGroupOffsetsSpec()))
                                .partitionsToOffsetInfo(none)
                                .get()),
                step(
                        "describeShareGroups",
                        to -> to.admin().describeShareGroups(List.of("admin-share")).all().get().values().stream()
                                .map(g -> g.groupId() + g.groupState() + g.members())
                                .toList()),
                step(
                        "deleteShareGroupOffsets",
                        to -> to.admin()
                                .deleteShareGroupOffsets("admin-share", Set.of("admin-groups"))
                                .all()
                                .get()),
                step(
                        "deleteShareGroupOffsets, unknown topic",
                        to -> to.admin()
                                .deleteShareGroupOffsets("admin-share", Set.of("admin-unknown"))
                                .all()
                                .get()),
                step(
                        "deleteShareGroups",
                        to -> to.admin()
                                .deleteShareGroups(List.of("admin-share"))
                                .all()
                                .get()),
                step(
                        "deleteShareGroups, unknown",
                        to -> to.admin().deleteShareGroups(List.of(none)).all().get()),
                step(
                                "describeStreamsGroups, unknown",
                                to -> to.admin()
                                        .describeStreamsGroups(List.of(none))
                                        .all()
                                        .get())
                        .wantedDifference(STREAMS),
                step(
                        "alterStreamsGroupOffsets",
                        to -> to.admin()
                                .alterStreamsGroupOffsets("admin-streams", Map.of(partition, new OffsetAndMetadata(0)))
                                .all()
                                .get()),
                step(
                        "listStreamsGroupOffsets",
                        to -> to.admin()
                                .listStreamsGroupOffsets(Map.of("admin-streams", new ListStreamsGroupOffsetsSpec()))
                                .partitionsToOffsetAndMetadata("admin-streams")
                                .get()),
                step(
                        "deleteStreamsGroupOffsets",
                        to -> to.admin()
                                .deleteStreamsGroupOffsets("admin-streams", Set.of(partition))
                                .all()
                                .get()),
                step(
                        "deleteStreamsGroups, unknown",
                        to -> to.admin()
                                .deleteStreamsGroups(List.of(none))
                                .all()
                                .get()),
                step("fenceProducers", to -> {
                    var fenced = to.admin().fenceProducers(List.of("admin-tx"));
                    return fenced.epochId("admin-tx").get();
                }),
                step(
                        "describeTransactions",
                        to -> to.admin()
                                .describeTransactions(List.of("admin-tx"))
                                .description("admin-tx")
                                .get()
                                .state()),
                step(
                        "describeTransactions, unknown",
                        to -> to.admin()
                                .describeTransactions(List.of("admin-none"))
                                .all()
                                .get()),
                step(
                        "listTransactions",
                        to -> to.admin().listTransactions().all().get().stream()
                                .filter(t -> t.transactionalId().equals("admin-tx"))
                                .map(t -> t.state())
                                .toList()),
                step(
                        "abortTransaction, none there",
                        to -> to.admin()
                                .abortTransaction(new AbortTransactionSpec(partition, 4711, (short) 0, 0))
                                .all()
                                .get()),
                step(
                        "abortTransaction, unknown partition",
                        to -> to.admin()
                                .abortTransaction(new AbortTransactionSpec(P99, 4711, (short) 0, 0))
                                .all()
                                .get(),
                        2),
                step(
                        "forceTerminateTransaction",
                        to -> to.admin()
                                .forceTerminateTransaction("admin-tx")
                                .result()
                                .get()),
                step(
                        "forceTerminateTransaction, unknown",
                        to -> to.admin()
                                .forceTerminateTransaction("admin-none")
                                .result()
                                .get()));
    }
}
