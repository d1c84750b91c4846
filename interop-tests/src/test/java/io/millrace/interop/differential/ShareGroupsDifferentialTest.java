// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.differential;

import static io.millrace.interop.differential.GroupsDifferentialTest.coordinator;
import static io.millrace.interop.differential.Requests.batch;
import static io.millrace.interop.differential.Requests.produce;
import static io.millrace.interop.differential.Requests.topic;
import static io.millrace.interop.differential.Requests.topicId;
import static io.millrace.interop.differential.Step.given;
import static io.millrace.interop.differential.Step.step;
import static org.apache.kafka.common.protocol.ApiKeys.ALTER_SHARE_GROUP_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.CONSUMER_GROUP_DESCRIBE;
import static org.apache.kafka.common.protocol.ApiKeys.CONSUMER_GROUP_HEARTBEAT;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.DELETE_SHARE_GROUP_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.DESCRIBE_SHARE_GROUP_OFFSETS;
import static org.apache.kafka.common.protocol.ApiKeys.INCREMENTAL_ALTER_CONFIGS;
import static org.apache.kafka.common.protocol.ApiKeys.JOIN_GROUP;
import static org.apache.kafka.common.protocol.ApiKeys.LIST_GROUPS;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_COMMIT;
import static org.apache.kafka.common.protocol.ApiKeys.OFFSET_FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.PRODUCE;
import static org.apache.kafka.common.protocol.ApiKeys.SHARE_ACKNOWLEDGE;
import static org.apache.kafka.common.protocol.ApiKeys.SHARE_FETCH;
import static org.apache.kafka.common.protocol.ApiKeys.SHARE_GROUP_DESCRIBE;
import static org.apache.kafka.common.protocol.ApiKeys.SHARE_GROUP_HEARTBEAT;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.interop.Peers;
import io.millrace.interop.differential.Step.Call;
import io.millrace.peers.KafkaServer;
import io.millrace.protocol.kafka.MessageBuffers;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestPartition;
import org.apache.kafka.common.message.AlterShareGroupOffsetsRequestData.AlterShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DeleteShareGroupOffsetsRequestData.DeleteShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestGroup;
import org.apache.kafka.common.message.DescribeShareGroupOffsetsRequestData.DescribeShareGroupOffsetsRequestTopic;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.JoinGroupRequestData;
import org.apache.kafka.common.message.JoinGroupRequestData.JoinGroupRequestProtocol;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgePartition;
import org.apache.kafka.common.message.ShareAcknowledgeRequestData.AcknowledgeTopic;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchPartition;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareFetchResponseData.AcquiredRecords;
import org.apache.kafka.common.message.ShareGroupDescribeRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.extension.ExtendWith;

/** Share groups (KIP-932): membership, share sessions, acknowledgements, offsets. */
@ExtendWith(Peers.class)
class ShareGroupsDifferentialTest {
    private static final String MEMBER = Uuid.randomUuid().toString();
    private static final String OTHER = Uuid.randomUuid().toString();

    @TestFactory
    Stream<DynamicTest> members(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String g = "diff-share-members";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(g, 2),
                coordinator(g),
                step("join without a group", heartbeat(g, 0, r -> r.setGroupId(""))),
                step("join without an id", heartbeat(g, 0, r -> r.setMemberId(""))),
                step("join without a subscription", heartbeat(g, 0, r -> r.setSubscribedTopicNames(null))),
                step("join with an empty rack", heartbeat(g, 0, r -> r.setRackId(""))),
                step("an epoch below -1", heartbeat(g, -2, r -> {})),
                step("a heartbeat of an unknown group", heartbeat(g, 1, r -> {})),
                given("join", s -> {
                    joined(s, g);
                    return "";
                }),
                step("what a member is given in the end", s -> assigned(s, g)),
                step(
                        "a heartbeat of the member",
                        s -> s.ask(SHARE_GROUP_HEARTBEAT, 1, beat(g, epoch(s)).setSubscribedTopicNames(null))),
                step("an epoch that is too high", s -> s.ask(SHARE_GROUP_HEARTBEAT, 1, beat(g, epoch(s) + 5))),
                step(
                        "a heartbeat by nobody",
                        s -> s.ask(SHARE_GROUP_HEARTBEAT, 1, beat(g, 1).setMemberId("nobody"))),
                step("describe", s -> s.ask(SHARE_GROUP_DESCRIBE, 1, description(g))),
                step("describe an unknown group", s -> s.ask(SHARE_GROUP_DESCRIBE, 1, description("diff-none"))),
                step(
                        "describe as a classic group",
                        s -> s.ask(DESCRIBE_GROUPS, 6, new DescribeGroupsRequestData().setGroups(List.of(g)))),
                step(
                        "describe as a consumer group",
                        s -> s.ask(
                                CONSUMER_GROUP_DESCRIBE,
                                1,
                                new ConsumerGroupDescribeRequestData().setGroupIds(List.of(g)))),
                step("list share groups", s -> listed(s, g, "share")),
                step("list consumer groups", s -> listed(s, g, "consumer")),
                step("join as a classic member", s -> s.ask(JOIN_GROUP, 9, classicJoin(g))),
                step("join as a consumer", s -> s.ask(CONSUMER_GROUP_HEARTBEAT, 1, consumerJoin(g))),
                step("commit an offset", s -> s.ask(OFFSET_COMMIT, 9, GroupsDifferentialTest.commit(g, g, 0, 5, ""))),
                step("fetch its offsets", s -> s.ask(OFFSET_FETCH, 9, offsets(g))),
                step("delete with its member", s -> s.ask(DELETE_GROUPS, 2, deletion(g))),
                step("alter offsets with its member", s -> s.ask(ALTER_SHARE_GROUP_OFFSETS, 0, alter(g, g, 0, 1))),
                step("delete offsets with its member", s -> s.ask(DELETE_SHARE_GROUP_OFFSETS, 0, forget(g, g))),
                step("leave", heartbeat(g, -1, r -> {})),
                step("leave again", heartbeat(g, -1, r -> {})),
                step("describe when all have left", s -> s.ask(SHARE_GROUP_DESCRIBE, 1, description(g))),
                step("join the empty one as a consumer", s -> s.ask(CONSUMER_GROUP_HEARTBEAT, 1, consumerJoin(g))),
                step("delete", s -> s.ask(DELETE_GROUPS, 2, deletion(g))),
                step("delete again", s -> s.ask(DELETE_GROUPS, 2, deletion(g))),
                step("a consumer group joined as a share group", s -> {
                    s.call(CONSUMER_GROUP_HEARTBEAT, 1, consumerJoin("diff-share-not"));
                    return s.ask(
                            SHARE_GROUP_HEARTBEAT, 1, beat("diff-share-not", 0).setSubscribedTopicNames(List.of(g)));
                }));
    }

    @TestFactory
    Stream<DynamicTest> sessionsAndRecords(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String g = "diff-share-records";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(g, 1),
                coordinator(g),
                given("the group starts at the earliest record", s -> earliest(s, g)),
                given("records", s -> sent(s, g, 10)),
                given("two more batches", s -> sent(s, g, 5) + sent(s, g, 5)),
                given("join", s -> {
                    joined(s, g);
                    return assigned(s, g);
                }),
                step("without a group", s -> fetched(s, fetch(s, g, MEMBER, 0).setGroupId("")))
                        .wantedDifference("Kafka fails with UNKNOWN_SERVER_ERROR at the partition"),
                step("without a member", s -> fetched(s, fetch(s, g, MEMBER, 0).setMemberId(""))),
                step("with a member id that is too long", s -> fetched(s, fetch(s, g, "x".repeat(37), 0))),
                step("a session nobody opened", s -> fetched(s, fetch(s, g, MEMBER, 1))),
                step("closing one nobody opened", s -> fetched(s, empty(fetch(s, g, MEMBER, -1)))),
                step("opening with acknowledgements", s -> fetched(s, acking(fetch(s, g, MEMBER, 0), 0, 0, 1))),
                step("acknowledging without a session", s -> acknowledged(s, g, MEMBER, 1, 0, 0, 1)),
                step("acknowledging with epoch 0", s -> acknowledged(s, g, MEMBER, 0, 0, 0, 1)),
                given("open, and fetch until there is something", s -> opened(s, g)),
                step("what came first", s -> s.remembered("first", String.class)),
                step("the wrong epoch", s -> fetched(s, fetch(s, g, MEMBER, 99))),
                step("acknowledge in the wrong epoch", s -> acknowledged(s, g, MEMBER, 99, 0, 0, 1)),
                step("accept a part of the batch", s -> acknowledged(s, g, MEMBER, next(s), 0, 2, 1)),
                step("accept it again", s -> acknowledged(s, g, MEMBER, next(s), 0, 2, 1)),
                step("release one, reject one, gap", s -> acknowledged(s, g, MEMBER, next(s), 3, 5, 2, 3, 0)),
                step("accept what was released", s -> acknowledged(s, g, MEMBER, next(s), 3, 3, 1)),
                step("beyond what was acquired", s -> acknowledged(s, g, MEMBER, next(s), 900, 901, 1)),
                step("an unknown type", s -> acknowledged(s, g, MEMBER, next(s), 6, 6, 9)),
                step("no type", s -> acknowledged(s, g, MEMBER, next(s), 6, 6)),
                step("too few types", s -> acknowledged(s, g, MEMBER, next(s), 6, 8, 1, 1)),
                step("first behind last", s -> acknowledged(s, g, MEMBER, next(s), 8, 6, 1)),
                step("renew without saying so", s -> acknowledged(s, g, MEMBER, next(s), 6, 6, 4)),
                step(
                        "renew",
                        s -> s.ask(
                                SHARE_ACKNOWLEDGE,
                                2,
                                acknowledge(s, g, MEMBER, next(s), 6, 6, 4).setIsRenewAck(true))),
                step(
                        "renew what is not held",
                        s -> s.ask(
                                SHARE_ACKNOWLEDGE,
                                2,
                                acknowledge(s, g, MEMBER, next(s), 3, 3, 4).setIsRenewAck(true))),
                step(
                        "renew while fetching",
                        s -> fetched(
                                s, acking(fetch(s, g, MEMBER, peek(s)), 6, 6, 4).setIsRenewAck(true))),
                step("another member accepts what this one holds", s -> {
                    fetched(s, empty(fetch(s, g, OTHER, 0)));
                    return acknowledged(s, g, OTHER, 1, 6, 6, 1);
                }),
                step("half of it is not held: nothing happens", s -> acknowledged(s, g, MEMBER, next(s), 3, 6, 1)),
                step("the held half can still be accepted", s -> acknowledged(s, g, MEMBER, next(s), 6, 6, 1)),
                step(
                        "the released record again, one at most",
                        s -> fetchedUntil(
                                s, g, r -> r.setShareAcquireMode((byte) 1).setMaxRecords(1))),
                step(
                        "three at most",
                        s -> fetchedUntil(
                                s, g, r -> r.setShareAcquireMode((byte) 1).setMaxRecords(3))),
                step(
                        "acknowledgements ride on a fetch",
                        s -> fetched(s, acking(fetch(s, g, MEMBER, next(s)).setMaxWaitMs(0), 7, 9, 1))),
                step(
                                "an unknown acquire mode",
                                s -> fetched(s, fetch(s, g, OTHER, 2).setShareAcquireMode((byte) 7)))
                        .wantedDifference("Kafka fails with UNKNOWN_SERVER_ERROR"),
                step("an unknown topic", s -> fetched(s, unknownTopic(fetch(s, g, MEMBER, next(s))))),
                step(
                        "close with the last acknowledgement",
                        s -> fetched(s, acking(fetch(s, g, MEMBER, -1), 3, 3, 1).setMaxWaitMs(0))),
                step("the closed session is gone", s -> acknowledged(s, g, MEMBER, -1, 3, 3, 1)),
                step("where the group stands", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 1, where(g, g))));
    }

    @TestFactory
    Stream<DynamicTest> offsets(EmbeddedBroker millrace, KafkaServer kafka, TestReporter report) {
        String g = "diff-share-offsets";
        return Comparison.of(
                millrace,
                kafka,
                report,
                topic(g, 2),
                topic(g + "-idle", 1),
                coordinator(g),
                given("records", s -> sent(s, g, 10)),
                step("of a group nobody knows", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 1, where("diff-none", g))),
                step(
                        "all of a group nobody knows",
                        s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 1, where("diff-none", null))),
                step(
                        "delete those of a group nobody knows",
                        s -> s.ask(DELETE_SHARE_GROUP_OFFSETS, 0, forget("diff-none", g))),
                step("alter makes the group", s -> s.ask(ALTER_SHARE_GROUP_OFFSETS, 0, alter(g, g, 0, 4))),
                step("which is listed", s -> listed(s, g, "share")),
                step("where it stands", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 0, where(g, g))),
                step("where it stands anywhere", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 0, where(g, null))),
                step("on a topic it never read", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 0, where(g, g + "-idle"))),
                step("on a topic nobody has", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 0, where(g, "diff-none"))),
                step(
                        "alter on a topic nobody has",
                        s -> s.ask(ALTER_SHARE_GROUP_OFFSETS, 0, alter(g, "diff-none", 0, 4))),
                step("alter a partition nobody has", s -> s.ask(ALTER_SHARE_GROUP_OFFSETS, 0, alter(g, g, 9, 4))),
                step("alter for no group", s -> s.ask(ALTER_SHARE_GROUP_OFFSETS, 0, alter("", g, 0, 4))),
                step(
                        "delete of a topic it never read",
                        s -> s.ask(DELETE_SHARE_GROUP_OFFSETS, 0, forget(g, g + "-idle"))),
                step("delete of a topic nobody has", s -> s.ask(DELETE_SHARE_GROUP_OFFSETS, 0, forget(g, "diff-none"))),
                step("delete for no group", s -> s.ask(DELETE_SHARE_GROUP_OFFSETS, 0, forget("", g))),
                step("delete", s -> s.ask(DELETE_SHARE_GROUP_OFFSETS, 0, forget(g, g))),
                step("where it stood", s -> s.ask(DESCRIBE_SHARE_GROUP_OFFSETS, 0, where(g, g))),
                step("delete the group", s -> s.ask(DELETE_GROUPS, 2, deletion(g))));
    }

    // Requests

    private static Call heartbeat(String group, int epoch, Consumer<ShareGroupHeartbeatRequestData> changes) {
        return s -> {
            ShareGroupHeartbeatRequestData request = beat(group, epoch).setSubscribedTopicNames(List.of(group));
            changes.accept(request);
            return s.ask(SHARE_GROUP_HEARTBEAT, 1, request);
        };
    }

    private static ShareGroupHeartbeatRequestData beat(String group, int epoch) {
        return new ShareGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId(MEMBER)
                .setMemberEpoch(epoch);
    }

    private static void joined(Subject broker, String group) throws IOException {
        ShareGroupHeartbeatResponseData answer = (ShareGroupHeartbeatResponseData)
                broker.call(SHARE_GROUP_HEARTBEAT, 1, beat(group, 0).setSubscribedTopicNames(List.of(group)));
        broker.remember("epoch", answer.memberEpoch());
    }

    /** Kafka assigns a partition once its state is initialised. */
    private static String assigned(Subject broker, String group) throws IOException {
        for (int attempt = 0; attempt < 5_000; attempt++) {
            ShareGroupHeartbeatResponseData answer = (ShareGroupHeartbeatResponseData)
                    broker.call(SHARE_GROUP_HEARTBEAT, 1, beat(group, 0).setSubscribedTopicNames(List.of(group)));
            broker.remember("epoch", answer.memberEpoch());
            if (answer.assignment() != null
                    && !answer.assignment().topicPartitions().isEmpty()) {
                return answer.assignment().topicPartitions().get(0).partitions() + " every "
                        + answer.heartbeatIntervalMs();
            }
        }
        return "nothing";
    }

    private static int epoch(Subject broker) {
        return broker.remembered("epoch", Integer.class);
    }

    /** The epoch for the next request of the session that {@link #opened} opened. */
    private static int next(Subject broker) {
        int next = peek(broker);
        broker.remember("session", next + 1);
        return next;
    }

    private static int peek(Subject broker) {
        return broker.remembered("session", Integer.class);
    }

    private static String earliest(Subject broker, String group) throws IOException {
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType((byte) 32).setResourceName(group);
        resource.configs()
                .add(new AlterableConfig()
                        .setName("share.auto.offset.reset")
                        .setConfigOperation((byte) 0)
                        .setValue("earliest"));
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        return broker.ask(INCREMENTAL_ALTER_CONFIGS, 1, request);
    }

    /** One batch. */
    private static String sent(Subject broker, String topic, int records) throws IOException {
        String[] values = new String[records];
        Arrays.setAll(values, i -> "value " + i);
        return broker.ask(PRODUCE, 9, produce(topic, 0, -1, batch(values)));
    }

    private static ShareFetchRequestData fetch(Subject broker, String topic, String member, int epoch)
            throws IOException {
        FetchTopic fetched = new FetchTopic().setTopicId(topicId(broker, topic));
        fetched.partitions().add(new FetchPartition().setPartitionIndex(0));
        ShareFetchRequestData request = new ShareFetchRequestData()
                .setGroupId(topic)
                .setMemberId(member)
                .setShareSessionEpoch(epoch)
                .setMaxWaitMs(200)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setMaxRecords(8)
                .setBatchSize(500);
        request.topics().add(fetched);
        return request;
    }

    private static ShareFetchRequestData empty(ShareFetchRequestData request) {
        request.topics().clear();
        return request;
    }

    private static ShareFetchRequestData acking(ShareFetchRequestData request, long first, long last, int... types) {
        ShareFetchRequestData.AcknowledgementBatch batch = new ShareFetchRequestData.AcknowledgementBatch()
                .setFirstOffset(first)
                .setLastOffset(last)
                .setAcknowledgeTypes(bytes(types));
        request.topics().iterator().next().partitions().iterator().next().setAcknowledgementBatches(List.of(batch));
        return request;
    }

    private static ShareFetchRequestData unknownTopic(ShareFetchRequestData request) {
        request.topics().clear();
        FetchTopic unknown = new FetchTopic().setTopicId(new Uuid(1, 2));
        unknown.partitions().add(new FetchPartition().setPartitionIndex(0));
        request.topics().add(unknown);
        return request.setMaxWaitMs(0);
    }

    private static List<Byte> bytes(int... types) {
        return Arrays.stream(types).mapToObj(type -> (byte) type).toList();
    }

    /** Fetches in new sessions until there is something: Kafka reads a partition's state first. */
    private static String opened(Subject broker, String topic) throws IOException {
        String got = fetched(broker, fetch(broker, topic, MEMBER, 0));
        int epoch = 1;
        for (; epoch < 200 && !got.contains("acquired"); epoch++) {
            got = fetched(broker, fetch(broker, topic, MEMBER, epoch));
        }
        broker.remember("session", epoch);
        broker.remember("first", got);
        return got;
    }

    private static String fetchedUntil(Subject broker, String topic, Consumer<ShareFetchRequestData> changes)
            throws IOException {
        String got = "";
        for (int attempt = 0; attempt < 50 && !got.contains("acquired"); attempt++) {
            ShareFetchRequestData request = fetch(broker, topic, MEMBER, next(broker));
            changes.accept(request);
            got = fetched(broker, request);
        }
        return got;
    }

    /** Errors, and what was acquired; ranges that follow each other are one, for brokers cut them where they like. */
    private static String fetched(Subject broker, ShareFetchRequestData request) throws IOException {
        ShareFetchResponseData answer = (ShareFetchResponseData) broker.call(SHARE_FETCH, 2, request);
        StringBuilder text = new StringBuilder("error " + answer.errorCode());
        if (answer.errorCode() == 0) {
            text.append(" lock ").append(answer.acquisitionLockTimeoutMs());
        }
        answer.responses()
                .forEach(topic -> topic.partitions().forEach(partition -> {
                    text.append("\n p")
                            .append(partition.partitionIndex())
                            .append(" error ")
                            .append(partition.errorCode())
                            .append(" ack ")
                            .append(partition.acknowledgeErrorCode());
                    AcquiredRecords before = null;
                    for (AcquiredRecords range : partition.acquiredRecords()) {
                        boolean follows = before != null
                                && before.lastOffset() == range.firstOffset() - 1
                                && before.deliveryCount() == range.deliveryCount();
                        if (!follows) {
                            text.append(before == null ? "" : end(before))
                                    .append(" acquired ")
                                    .append(range.firstOffset());
                        }
                        before = range;
                    }
                    text.append(before == null ? "" : end(before));
                }));
        MessageBuffers.release(answer);
        return text.toString();
    }

    private static String end(AcquiredRecords range) {
        return "-" + range.lastOffset() + " x" + range.deliveryCount();
    }

    private static String acknowledged(
            Subject broker, String topic, String member, int epoch, long first, long last, int... types)
            throws IOException {
        return broker.ask(SHARE_ACKNOWLEDGE, 2, acknowledge(broker, topic, member, epoch, first, last, types));
    }

    private static ShareAcknowledgeRequestData acknowledge(
            Subject broker, String topic, String member, int epoch, long first, long last, int... types)
            throws IOException {
        AcknowledgePartition partition = new AcknowledgePartition()
                .setPartitionIndex(0)
                .setAcknowledgementBatches(List.of(new ShareAcknowledgeRequestData.AcknowledgementBatch()
                        .setFirstOffset(first)
                        .setLastOffset(last)
                        .setAcknowledgeTypes(bytes(types))));
        AcknowledgeTopic acknowledged = new AcknowledgeTopic().setTopicId(topicId(broker, topic));
        acknowledged.partitions().add(partition);
        ShareAcknowledgeRequestData request = new ShareAcknowledgeRequestData()
                .setGroupId(topic)
                .setMemberId(member)
                .setShareSessionEpoch(epoch);
        request.topics().add(acknowledged);
        return request;
    }

    private static ShareGroupDescribeRequestData description(String group) {
        return new ShareGroupDescribeRequestData().setGroupIds(List.of(group));
    }

    private static DeleteGroupsRequestData deletion(String group) {
        return new DeleteGroupsRequestData().setGroupsNames(List.of(group));
    }

    private static String listed(Subject broker, String group, String type) throws IOException {
        ListGroupsResponseData answer = (ListGroupsResponseData)
                broker.call(LIST_GROUPS, 5, new ListGroupsRequestData().setTypesFilter(List.of(type)));
        return answer.errorCode() + " "
                + answer.groups().stream()
                        .filter(listing -> listing.groupId().equals(group))
                        .toList();
    }

    private static JoinGroupRequestData classicJoin(String group) {
        JoinGroupRequestData request = new JoinGroupRequestData()
                .setGroupId(group)
                .setMemberId("")
                .setProtocolType("consumer")
                .setSessionTimeoutMs(10_000)
                .setRebalanceTimeoutMs(10_000);
        request.protocols().add(new JoinGroupRequestProtocol().setName("range").setMetadata(new byte[0]));
        return request;
    }

    private static ConsumerGroupHeartbeatRequestData consumerJoin(String group) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId(group)
                .setMemberId("consumer")
                .setRebalanceTimeoutMs(30_000)
                .setSubscribedTopicNames(List.of(group))
                .setTopicPartitions(List.of());
    }

    private static OffsetFetchRequestData offsets(String group) {
        return new OffsetFetchRequestData()
                .setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                        .setGroupId(group)
                        .setTopics(null)));
    }

    private static DescribeShareGroupOffsetsRequestData where(String group, String topic) {
        return new DescribeShareGroupOffsetsRequestData()
                .setGroups(List.of(new DescribeShareGroupOffsetsRequestGroup()
                        .setGroupId(group)
                        .setTopics(
                                topic == null
                                        ? null
                                        : List.of(new DescribeShareGroupOffsetsRequestTopic()
                                                .setTopicName(topic)
                                                .setPartitions(List.of(0))))));
    }

    private static AlterShareGroupOffsetsRequestData alter(String group, String topic, int partition, long offset) {
        AlterShareGroupOffsetsRequestTopic change = new AlterShareGroupOffsetsRequestTopic().setTopicName(topic);
        change.partitions()
                .add(new AlterShareGroupOffsetsRequestPartition()
                        .setPartitionIndex(partition)
                        .setStartOffset(offset));
        AlterShareGroupOffsetsRequestData request = new AlterShareGroupOffsetsRequestData().setGroupId(group);
        request.topics().add(change);
        return request;
    }

    private static DeleteShareGroupOffsetsRequestData forget(String group, String topic) {
        return new DeleteShareGroupOffsetsRequestData()
                .setGroupId(group)
                .setTopics(List.of(new DeleteShareGroupOffsetsRequestTopic().setTopicName(topic)));
    }
}
