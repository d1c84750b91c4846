// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Step.given;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.FIND_COORDINATOR;
import static org.apache.kafka.common.protocol.ApiKeys.HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.JOIN_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.LEAVE_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_COMMIT;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_DELETE;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.SYNC_GROUP;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.peers.KafkaServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.JoinGroupResponseData;
import org.apache.kafka.common.message.LeaveGroupRequestData;
import org.apache.kafka.common.message.LeaveGroupRequestData.MemberIdentity;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestPartition;
import org.apache.kafka.common.message.OffsetCommitRequestData.OffsetCommitRequestTopic;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestPartition;
import org.apache.kafka.common.message.OffsetDeleteRequestData.OffsetDeleteRequestTopic;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.SyncGroupRequestData;
import org.apache.kafka.common.message.SyncGroupRequestData.SyncGroupRequestAssignment;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Peers.class)
class GroupsDifferentialTest {
    private static final byte[] METADATA = "subscription".getBytes(StandardCharsets.UTF_8);

    @TestFactory
    Stream<DynamicTest> offsets(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-group-offsets";
        String g = "diff-offsets";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 2),
                coordinator(g),
                step("coordinator", s -> s.ask(FIND_COORDINATOR, 4, coordinators(0, g))),
                step(
                        "coordinator, version 0",
                        s -> s.ask(FIND_COORDINATOR, 0, new FindCoordinatorRequestData().setKey(g))),
                step("coordinator of nothing", s -> s.ask(FIND_COORDINATOR, 4, coordinators(0, "")))
                        .wantedDifference("a group needs a name; Kafka says so only when it is used"),
                step("coordinator of an unknown kind", s -> s.ask(FIND_COORDINATOR, 4, coordinators(9, g))),
                step("commit by nobody", s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 0, 5, "note"))),
                step("commit to an unknown partition", s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 9, 5, ""))),
                step("commit to an unknown topic", s -> s.ask(OFFSET_COMMIT, 8, commit(g, "diff-no-such", 0, 5, ""))),
                step("commit with too long a note", s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 0, 6, "x".repeat(5000)))),
                step("commit without a note", s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 1, 6, null))),
                step("commit a negative offset", s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 1, -4, ""))),
                step(
                        "commit as a member of nothing",
                        s -> s.ask(
                                OFFSET_COMMIT,
                                8,
                                commit(g, t, 0, 7, "").setMemberId("nobody").setGenerationIdOrMemberEpoch(3))),
                step(
                        "commit with generation but no member",
                        s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 0, 7, "").setGenerationIdOrMemberEpoch(3))),
                step("commit without a group", s -> s.ask(OFFSET_COMMIT, 8, commit("", t, 0, 7, ""))),
                step("fetch", s -> s.ask(OFFSET_FETCH, 7, fetch(g, t, 0, 1, 9))),
                step("fetch, version 1", s -> s.ask(OFFSET_FETCH, 1, fetch(g, t, 0))),
                step("fetch, version 8", s -> s.ask(OFFSET_FETCH, 8, fetchGroup(g, t, 0, 1))),
                step(
                        "fetch all",
                        s -> s.ask(
                                OFFSET_FETCH,
                                7,
                                new OffsetFetchRequestData().setGroupId(g).setTopics(null))),
                step("fetch an unknown topic", s -> s.ask(OFFSET_FETCH, 7, fetch(g, "diff-no-such", 0))),
                step("fetch of an unknown group", s -> s.ask(OFFSET_FETCH, 7, fetch("diff-no-group", t, 0))),
                step("delete an offset", s -> s.ask(OFFSET_DELETE, 0, deletion(g, t, 1))),
                step("delete an offset again", s -> s.ask(OFFSET_DELETE, 0, deletion(g, t, 1))),
                step("delete an offset of an unknown partition", s -> s.ask(OFFSET_DELETE, 0, deletion(g, t, 9))),
                step(
                        "delete an offset of an unknown group",
                        s -> s.ask(OFFSET_DELETE, 0, deletion("diff-no-group", t, 0))),
                step(
                        "fetch what is left",
                        s -> s.ask(
                                OFFSET_FETCH,
                                7,
                                new OffsetFetchRequestData().setGroupId(g).setTopics(null))),
                step("describe", s -> s.ask(DESCRIBE_GROUPS, 5, groups(g))),
                step("list", s -> s.ask(LIST_GROUPS, 4, states("Empty")).contains(g) + ""),
                step(
                        "list stable ones",
                        s -> s.ask(LIST_GROUPS, 4, states("Stable")).contains(g) + ""),
                step(
                        "list a state in other letters",
                        s -> s.ask(LIST_GROUPS, 4, states("emPTY")).contains(g) + ""),
                step("list a state nobody knows", s -> s.ask(LIST_GROUPS, 4, states("Happy"))),
                step(
                        "list of a type",
                        s -> s.ask(LIST_GROUPS, 5, states("Empty").setTypesFilter(List.of("classic")))
                                        .contains(g)
                                + ""),
                step(
                        "list of a type nobody knows",
                        s -> s.ask(LIST_GROUPS, 5, states("Empty").setTypesFilter(List.of("modern")))),
                step(
                        "delete groups",
                        s -> s.ask(
                                DELETE_GROUPS,
                                2,
                                new DeleteGroupsRequestData().setGroupsNames(List.of(g, "diff-no-group")))),
                step("describe what is gone", s -> s.ask(DESCRIBE_GROUPS, 5, groups(g))));
    }

    @TestFactory
    Stream<DynamicTest> members(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String t = "diff-members";
        String g = "diff-members";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(t, 1),
                coordinator(g),
                step("join without an id", s -> {
                    JoinGroupResponseData answer = (JoinGroupResponseData) s.call(JOIN_GROUP, 7, join(g, ""));
                    s.alias(answer.memberId(), "member");
                    s.remember("member", answer.memberId());
                    return answer.errorCode() + " " + answer.memberId().isEmpty() + " " + answer.generationId();
                }),
                step("join with an unknown id", s -> s.ask(JOIN_GROUP, 7, join(g, "nobody"))),
                step("join without a group", s -> s.ask(JOIN_GROUP, 7, join("", ""))),
                step(
                        "join with a short session",
                        s -> s.ask(JOIN_GROUP, 7, join(g, "").setSessionTimeoutMs(10))),
                step(
                        "join without protocols",
                        s -> s.ask(
                                JOIN_GROUP,
                                7,
                                join(g, member(s))
                                        .setProtocols(new JoinGroupRequestData.JoinGroupRequestProtocolCollection()))),
                step(
                        "join without a protocol type",
                        s -> s.ask(JOIN_GROUP, 7, join(g, member(s)).setProtocolType(""))),
                step("join", s -> s.ask(JOIN_GROUP, 7, join(g, member(s)))),
                step(
                        "join with another protocol type",
                        s -> s.ask(JOIN_GROUP, 7, join(g, "").setProtocolType("other"))),
                step("heartbeat before the assignment", s -> s.ask(HEARTBEAT, 4, heartbeat(g, member(s), 1))),
                step("describe before the assignment", s -> s.ask(DESCRIBE_GROUPS, 5, groups(g))),
                step("sync in a wrong generation", s -> s.ask(SYNC_GROUP, 5, sync(g, member(s), 7))),
                step("sync by nobody", s -> s.ask(SYNC_GROUP, 5, sync(g, "nobody", 1))),
                step(
                        "sync with another protocol",
                        s -> s.ask(SYNC_GROUP, 5, sync(g, member(s), 1).setProtocolName("other"))),
                step("sync", s -> s.ask(SYNC_GROUP, 5, sync(g, member(s), 1))),
                step("heartbeat", s -> s.ask(HEARTBEAT, 4, heartbeat(g, member(s), 1))),
                step("heartbeat in a wrong generation", s -> s.ask(HEARTBEAT, 4, heartbeat(g, member(s), 7))),
                step("heartbeat by nobody", s -> s.ask(HEARTBEAT, 4, heartbeat(g, "nobody", 1))),
                step("heartbeat of an unknown group", s -> s.ask(HEARTBEAT, 4, heartbeat("diff-no", member(s), 1))),
                step("heartbeat without a group", s -> s.ask(HEARTBEAT, 4, heartbeat("", member(s), 1))),
                step("describe", s -> s.ask(DESCRIBE_GROUPS, 5, groups(g))),
                step(
                        "commit as the member",
                        s -> s.ask(
                                OFFSET_COMMIT,
                                8,
                                commit(g, t, 0, 7, "").setMemberId(member(s)).setGenerationIdOrMemberEpoch(1))),
                step(
                        "commit in a wrong generation",
                        s -> s.ask(
                                OFFSET_COMMIT,
                                8,
                                commit(g, t, 0, 8, "").setMemberId(member(s)).setGenerationIdOrMemberEpoch(2))),
                step("commit by nobody while there are members", s -> s.ask(OFFSET_COMMIT, 8, commit(g, t, 0, 8, ""))),
                step(
                        "delete a group with members",
                        s -> s.ask(DELETE_GROUPS, 2, new DeleteGroupsRequestData().setGroupsNames(List.of(g)))),
                step("delete an offset of a group with members", s -> s.ask(OFFSET_DELETE, 0, deletion(g, t, 0))),
                step("leave by nobody", s -> s.ask(LEAVE_GROUP, 4, leave(g, "nobody"))),
                step("leave", s -> s.ask(LEAVE_GROUP, 4, leave(g, member(s)))),
                step("leave again", s -> s.ask(LEAVE_GROUP, 4, leave(g, member(s)))),
                step("describe when all have left", s -> s.ask(DESCRIBE_GROUPS, 5, groups(g))),
                step("describe an unknown group", s -> s.ask(DESCRIBE_GROUPS, 6, groups("diff-no-group"))),
                step("describe an unknown group, version 5", s -> s.ask(DESCRIBE_GROUPS, 5, groups("diff-no-group"))),
                step("leave an unknown group", s -> s.ask(LEAVE_GROUP, 4, leave("diff-no-group", "x"))));
    }

    /** Kafka makes its offsets topic when it is first asked. */
    static Step coordinator(String group) {
        return given("a coordinator", s -> {
            for (int attempt = 0; attempt < 2000; attempt++) {
                s.call(FIND_COORDINATOR, 4, coordinators(0, group));
                OffsetFetchResponseData answer =
                        (OffsetFetchResponseData) s.call(OFFSET_FETCH, 7, fetch(group, "diff-any", 0));
                if (answer.errorCode() == Errors.NONE.code()) {
                    break;
                }
            }
            return "";
        });
    }

    private static String member(Subject broker) {
        return broker.remembered("member", String.class);
    }

    private static FindCoordinatorRequestData coordinators(int type, String key) {
        return new FindCoordinatorRequestData().setKeyType((byte) type).setCoordinatorKeys(List.of(key));
    }

    static OffsetCommitRequestData commit(String group, String topic, int partition, long offset, String note) {
        return new OffsetCommitRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetCommitRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new OffsetCommitRequestPartition()
                                .setPartitionIndex(partition)
                                .setCommittedOffset(offset)
                                .setCommittedMetadata(note)))));
    }

    private static OffsetFetchRequestData fetch(String group, String topic, Integer... partitions) {
        return new OffsetFetchRequestData()
                .setGroupId(group)
                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                        .setName(topic)
                        .setPartitionIndexes(List.of(partitions))));
    }

    private static OffsetFetchRequestData fetchGroup(String group, String topic, Integer... partitions) {
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestGroup()
                        .setGroupId(group)
                        .setTopics(List.of(new OffsetFetchRequestTopics()
                                .setName(topic)
                                .setPartitionIndexes(List.of(partitions))))));
    }

    private static OffsetDeleteRequestData deletion(String group, String topic, int partition) {
        OffsetDeleteRequestData request = new OffsetDeleteRequestData().setGroupId(group);
        request.topics()
                .add(new OffsetDeleteRequestTopic()
                        .setName(topic)
                        .setPartitions(List.of(new OffsetDeleteRequestPartition().setPartitionIndex(partition))));
        return request;
    }

    private static DescribeGroupsRequestData groups(String... groups) {
        return new DescribeGroupsRequestData().setGroups(List.of(groups));
    }

    private static ListGroupsRequestData states(String... states) {
        return new ListGroupsRequestData().setStatesFilter(List.of(states));
    }

    private static JoinGroupRequestData join(String group, String member) {
        JoinGroupRequestData request = new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setSessionTimeoutMs(30_000)
                .setRebalanceTimeoutMs(30_000)
                .setProtocolType("consumer");
        request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(METADATA));
        return request;
    }

    private static SyncGroupRequestData sync(String group, String member, int generation) {
        return new SyncGroupRequestData()
                .setGroupId(group)
                .setMemberId(member)
                .setGenerationId(generation)
                .setProtocolType("consumer")
                .setProtocolName("range")
                .setAssignments(List.of(
                        new SyncGroupRequestAssignment().setMemberId(member).setAssignment(METADATA)));
    }

    private static HeartbeatRequestData heartbeat(String group, String member, int generation) {
        return new HeartbeatRequestData().setGroupId(group).setMemberId(member).setGenerationId(generation);
    }

    private static LeaveGroupRequestData leave(String group, String member) {
        return new LeaveGroupRequestData()
                .setGroupId(group)
                .setMembers(List.of(new MemberIdentity().setMemberId(member)));
    }
}
