// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.millrace.broker.request.group.JoinedRaw.Member;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.DeleteGroupsRequestData;
import org.apache.kafka.common.message.DeleteGroupsResponseData;
import org.apache.kafka.common.message.DescribeGroupsRequestData;
import org.apache.kafka.common.message.DescribeGroupsResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.ListGroupsRequestData;
import org.apache.kafka.common.message.ListGroupsResponseData;
import org.apache.kafka.common.message.OffsetCommitRequestData;
import org.apache.kafka.common.message.OffsetCommitResponseData;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each version of each group API, over a socket. */
class GroupVersionsTest {
    private static final short UNKNOWN_TOPIC = Errors.UNKNOWN_TOPIC_OR_PARTITION.code();

    private final GroupBroker broker = new GroupBroker();
    private RawClient client;

    @BeforeEach
    void connect() throws IOException {
        broker.createTopic("orders", 2);
        client = new RawClient(broker.port());
        find(0, "any");
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void memberJoinsSyncsLivesAndLeaves(int joinVersion) throws IOException {
        Member member = JoinedRaw.join(client, joinVersion, "group-" + joinVersion);
        assertEquals(1, member.generation());
        for (int version = 0; version <= 5; version++) {
            assertEquals("share", member.sync(version));
        }
        for (int version = 0; version <= 4; version++) {
            assertEquals(Errors.NONE, member.heartbeat(version));
        }
        assertEquals(Errors.NONE, member.leave(Math.min(joinVersion, 5)));
        assertEquals(Errors.UNKNOWN_MEMBER_ID, member.heartbeat(4));
    }

    @Test
    void everyVersionFindsTheCoordinator() throws IOException {
        for (int version = 0; version <= 6; version++) {
            FindCoordinatorResponseData found = find(version, "g");
            int port = version < 4 ? found.port() : found.coordinators().get(0).port();
            assertEquals(broker.port(), port);
        }
    }

    @Test
    void aTransactionalIdHasACoordinatorToo() throws IOException {
        FindCoordinatorResponseData answer = client.send(
                ApiKeys.FIND_COORDINATOR,
                3,
                new FindCoordinatorRequestData().setKeyType((byte) 1).setKey("tx"),
                FindCoordinatorResponseData.class);

        assertEquals(Errors.NONE.code(), answer.errorCode());
        assertEquals(broker.port(), answer.port());
    }

    @Test
    void shareCoordinatorsAreNotOffered() throws IOException {
        FindCoordinatorResponseData answer = client.send(
                ApiKeys.FIND_COORDINATOR,
                3,
                new FindCoordinatorRequestData().setKeyType((byte) 2).setKey("share"),
                FindCoordinatorResponseData.class);

        assertEquals(Errors.INVALID_REQUEST.code(), answer.errorCode());
    }

    @Test
    void everyVersionCommitsAndFetchesOffsets() throws IOException {
        Uuid id = topicId();
        for (int version = 2; version <= 10; version++) {
            OffsetCommitResponseData committed = commit(version, "orders", id, version);
            assertEquals(0, committed.topics().get(0).partitions().get(0).errorCode());
            for (int fetch = 1; fetch <= 10; fetch++) {
                assertEquals(version, fetch(fetch, "orders", id));
            }
        }
    }

    @Test
    void topicsThatDoNotExistAreRefusedByNameAndById() throws IOException {
        Uuid nowhere = new Uuid(1, 1);
        assertEquals(
                UNKNOWN_TOPIC,
                commit(9, "nowhere", nowhere, 1)
                        .topics()
                        .get(0)
                        .partitions()
                        .get(0)
                        .errorCode());
        assertEquals(
                Errors.UNKNOWN_TOPIC_ID.code(),
                commit(10, "nowhere", nowhere, 1)
                        .topics()
                        .get(0)
                        .partitions()
                        .get(0)
                        .errorCode());
        assertEquals(-1, fetch(9, "nowhere", nowhere));
    }

    @Test
    void everyVersionListsDescribesAndDeletes() throws IOException {
        commit(9, "orders", Uuid.ZERO_UUID, 1);
        for (int version = 0; version <= 5; version++) {
            ListGroupsResponseData listed = client.send(
                    ApiKeys.LIST_GROUPS, version, new ListGroupsRequestData(), ListGroupsResponseData.class);
            assertEquals("g", listed.groups().get(0).groupId());
        }
        for (int version = 0; version <= 6; version++) {
            DescribeGroupsResponseData described = client.send(
                    ApiKeys.DESCRIBE_GROUPS,
                    version,
                    new DescribeGroupsRequestData().setGroups(List.of("g", "none")),
                    DescribeGroupsResponseData.class);
            assertEquals("Empty", described.groups().get(0).groupState());
            assertEquals("Dead", described.groups().get(1).groupState());
            short expected = version < 6 ? 0 : Errors.GROUP_ID_NOT_FOUND.code();
            assertEquals(expected, described.groups().get(1).errorCode());
        }
        for (int version = 0; version <= 2; version++) {
            DeleteGroupsResponseData deleted = client.send(
                    ApiKeys.DELETE_GROUPS,
                    version,
                    new DeleteGroupsRequestData().setGroupsNames(List.of("g")),
                    DeleteGroupsResponseData.class);
            short expected = version == 0 ? 0 : Errors.GROUP_ID_NOT_FOUND.code();
            assertEquals(expected, deleted.results().find("g").errorCode());
        }
    }

    private FindCoordinatorResponseData find(int version, String group) throws IOException {
        FindCoordinatorRequestData request = version < 4
                ? new FindCoordinatorRequestData().setKey(group)
                : new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group));
        return client.send(ApiKeys.FIND_COORDINATOR, version, request, FindCoordinatorResponseData.class);
    }

    private Uuid topicId() {
        java.util.UUID id = broker.topicId("orders");
        assertFalse(id.getMostSignificantBits() == 0 && id.getLeastSignificantBits() == 0);
        return new Uuid(id.getMostSignificantBits(), id.getLeastSignificantBits());
    }

    private OffsetCommitResponseData commit(int version, String topic, Uuid id, long offset) throws IOException {
        OffsetCommitRequestData request = new OffsetCommitRequestData()
                .setGroupId("g")
                .setTopics(List.of(new OffsetCommitRequestData.OffsetCommitRequestTopic()
                        .setName(topic)
                        .setTopicId(id)
                        .setPartitions(List.of(new OffsetCommitRequestData.OffsetCommitRequestPartition()
                                .setPartitionIndex(1)
                                .setCommittedOffset(offset)
                                .setCommittedMetadata("")))));
        return client.send(ApiKeys.OFFSET_COMMIT, version, request, OffsetCommitResponseData.class);
    }

    private long fetch(int version, String topic, Uuid id) throws IOException {
        OffsetFetchRequestData request = new OffsetFetchRequestData();
        if (version < 8) {
            request.setGroupId("g")
                    .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopic()
                            .setName(topic)
                            .setPartitionIndexes(List.of(1))));
            return client.send(ApiKeys.OFFSET_FETCH, version, request, OffsetFetchResponseData.class)
                    .topics()
                    .get(0)
                    .partitions()
                    .get(0)
                    .committedOffset();
        }
        request.setGroups(List.of(new OffsetFetchRequestData.OffsetFetchRequestGroup()
                .setGroupId("g")
                .setTopics(List.of(new OffsetFetchRequestData.OffsetFetchRequestTopics()
                        .setName(topic)
                        .setTopicId(id)
                        .setPartitionIndexes(List.of(1))))));
        return client.send(ApiKeys.OFFSET_FETCH, version, request, OffsetFetchResponseData.class)
                .groups()
                .get(0)
                .topics()
                .get(0)
                .partitions()
                .get(0)
                .committedOffset();
    }
}
