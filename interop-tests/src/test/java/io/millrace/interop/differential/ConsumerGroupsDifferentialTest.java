// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.GroupsDifferentialTest.coordinator;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.CONSUMER_GROUP_DESCRIBE;
import static org.apache.kafka.common.protocol.ApiKeys.CONSUMER_GROUP_HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_COMMIT;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.interop.differential.Step.Call;
import io.millrace.peers.KafkaServer;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData.TopicPartitions;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/** Groups of the consumer protocol (KIP-848). */
@ExtendWith(Peers.class)
class ConsumerGroupsDifferentialTest {
    private static final String NAME = "diff-consumers";

    @TestFactory
    Stream<DynamicTest> members(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(NAME, 2),
                coordinator(NAME),
                step("join without a group", joining(r -> r.setGroupId(""))),
                step("join without an id", joining(r -> r.setMemberId(""))),
                step("join without a subscription", joining(r -> r.setSubscribedTopicNames(null))),
                step("join without a rebalance timeout", joining(r -> r.setRebalanceTimeoutMs(-1))),
                step("join without saying what it owns", joining(r -> r.setTopicPartitions(null))),
                step("join with an empty instance id", joining(r -> r.setInstanceId(""))),
                step("join with an assignor nobody has", joining(r -> r.setServerAssignor("best"))),
                step("join with a bad pattern", joining(r -> r.setSubscribedTopicRegex("["))),
                step("a heartbeat of an unknown group", heartbeat(r -> r.setMemberEpoch(1))),
                step("join", s -> joined(s, NAME, r -> {})),
                step("a heartbeat of the member", current(r -> {})),
                step(
                        "a heartbeat that tells what it owns",
                        s -> s.ask(
                                CONSUMER_GROUP_HEARTBEAT,
                                1,
                                request(r -> r.setMemberEpoch(epoch(s))).setTopicPartitions(owned(s)))),
                step("an epoch that is too high", heartbeat(r -> r.setMemberEpoch(9))),
                step("an epoch below -2", heartbeat(r -> r.setMemberEpoch(-3))),
                step("leaving for a while without an instance id", heartbeat(r -> r.setMemberEpoch(-2))),
                step(
                        "a heartbeat by nobody",
                        heartbeat(r -> r.setMemberId("nobody").setMemberEpoch(1))),
                step("an unsupported assignor later", current(r -> r.setServerAssignor("best"))),
                step("an instance nobody has", current(r -> r.setInstanceId("someone"))),
                step("describe", s -> s.ask(CONSUMER_GROUP_DESCRIBE, 1, description(NAME))),
                step("describe an unknown group", s -> s.ask(CONSUMER_GROUP_DESCRIBE, 1, description("diff-no-group"))),
                step(
                        "describe as a classic group",
                        s -> s.ask(DESCRIBE_GROUPS, 6, new DescribeGroupsRequestData().setGroups(List.of(NAME)))),
                step("list", s -> listed(s, new ListGroupsRequestData().setTypesFilter(List.of("consumer")))),
                step(
                        "list stable ones",
                        s -> listed(s, new ListGroupsRequestData().setStatesFilter(List.of("Stable")))),
                step(
                        "list classic ones",
                        s -> listed(s, new ListGroupsRequestData().setTypesFilter(List.of("classic")))),
                step(
                        "a classic heartbeat",
                        s -> s.ask(
                                HEARTBEAT,
                                4,
                                new HeartbeatRequestData()
                                        .setGroupId(NAME)
                                        .setMemberId("member")
                                        .setGenerationId(1))),
                step("commit as the member", s -> committed(s, "member", epoch(s))),
                step("commit with an older epoch", s -> committed(s, "member", epoch(s) - 1)),
                step("commit with a newer epoch", s -> committed(s, "member", epoch(s) + 1)),
                step("commit by nobody", s -> committed(s, "nobody", epoch(s))),
                step("commit without a member", s -> committed(s, "", -1)),
                step(
                        "delete the group with its member",
                        s -> s.ask(DELETE_GROUPS, 2, new DeleteGroupsRequestData().setGroupsNames(List.of(NAME)))),
                step("leave", heartbeat(r -> r.setMemberEpoch(-1))),
                step("leave again", heartbeat(r -> r.setMemberEpoch(-1))),
                step("describe when all have left", s -> s.ask(CONSUMER_GROUP_DESCRIBE, 1, description(NAME))),
                step(
                        "delete",
                        s -> s.ask(DELETE_GROUPS, 2, new DeleteGroupsRequestData().setGroupsNames(List.of(NAME)))));
    }

    @TestFactory
    Stream<DynamicTest> staticMembers(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String g = "diff-statics";
        return Comparison.of(
                millrace,
                kafka,
                report,
                coordinator(g),
                step("join", s -> joined(s, g, r -> r.setInstanceId("one"))),
                step(
                        "another takes the instance",
                        joining(r -> r.setGroupId(g).setMemberId("other").setInstanceId("one"))),
                step(
                        "leave for a while",
                        heartbeat(r -> r.setGroupId(g).setInstanceId("one").setMemberEpoch(-2))),
                step(
                        "another comes for it",
                        joining(r -> r.setGroupId(g).setMemberId("other").setInstanceId("one"))),
                step("the first is fenced", current(r -> r.setGroupId(g).setInstanceId("one"))),
                step(
                        "leave",
                        heartbeat(r -> r.setGroupId(g)
                                .setMemberId("other")
                                .setInstanceId("one")
                                .setMemberEpoch(-1))));
    }

    private static Call joining(Consumer<ConsumerGroupHeartbeatRequestData> changes) {
        return s -> s.ask(CONSUMER_GROUP_HEARTBEAT, 1, join(changes));
    }

    /** Joins and remembers the epoch that the member got: brokers do not count alike. */
    private static String joined(Subject broker, String group, Consumer<ConsumerGroupHeartbeatRequestData> changes)
            throws IOException {
        ConsumerGroupHeartbeatRequestData request = join(changes).setGroupId(group);
        ConsumerGroupHeartbeatResponseData answer =
                (ConsumerGroupHeartbeatResponseData) broker.call(CONSUMER_GROUP_HEARTBEAT, 1, request);
        broker.remember("epoch", answer.memberEpoch());
        return broker.render(answer, 1);
    }

    private static ConsumerGroupHeartbeatRequestData join(Consumer<ConsumerGroupHeartbeatRequestData> changes) {
        ConsumerGroupHeartbeatRequestData request = request(r -> {})
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of(NAME))
                .setTopicPartitions(List.of());
        changes.accept(request);
        return request;
    }

    private static int epoch(Subject broker) {
        return broker.remembered("epoch", Integer.class);
    }

    /** A heartbeat in the member's epoch. */
    private static Call current(Consumer<ConsumerGroupHeartbeatRequestData> changes) {
        return s -> s.ask(CONSUMER_GROUP_HEARTBEAT, 1, request(changes).setMemberEpoch(epoch(s)));
    }

    private static Call heartbeat(Consumer<ConsumerGroupHeartbeatRequestData> changes) {
        return s -> s.ask(CONSUMER_GROUP_HEARTBEAT, 1, request(changes));
    }

    private static ConsumerGroupHeartbeatRequestData request(Consumer<ConsumerGroupHeartbeatRequestData> changes) {
        ConsumerGroupHeartbeatRequestData request =
                new ConsumerGroupHeartbeatRequestData().setGroupId(NAME).setMemberId("member");
        changes.accept(request);
        return request;
    }

    private static List<TopicPartitions> owned(Subject broker) throws IOException {
        return List.of(
                new TopicPartitions().setTopicId(Requests.topicId(broker, NAME)).setPartitions(List.of(0, 1)));
    }

    private static ConsumerGroupDescribeRequestData description(String group) {
        return new ConsumerGroupDescribeRequestData().setGroupIds(List.of(group));
    }

    private static String listed(Subject broker, ListGroupsRequestData request) throws IOException {
        ListGroupsResponseData answer = (ListGroupsResponseData) broker.call(LIST_GROUPS, 5, request);
        return answer.errorCode() + " "
                + answer.groups().stream()
                        .filter(group -> group.groupId().equals(NAME))
                        .toList();
    }

    private static String committed(Subject broker, String member, int epoch) throws IOException {
        return broker.ask(
                OFFSET_COMMIT,
                9,
                GroupsDifferentialTest.commit(NAME, NAME, 0, 5, "")
                        .setMemberId(member)
                        .setGenerationIdOrMemberEpoch(epoch));
    }
}
