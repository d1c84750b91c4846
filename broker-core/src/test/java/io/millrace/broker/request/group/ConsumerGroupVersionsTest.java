// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.apache.kafka.common.message.ConsumerGroupDescribeRequestData;
import org.apache.kafka.common.message.ConsumerGroupDescribeResponseData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ConsumerGroupHeartbeatResponseData;
import org.apache.kafka.common.message.FindCoordinatorRequestData;
import org.apache.kafka.common.message.FindCoordinatorResponseData;
import org.apache.kafka.common.message.HeartbeatRequestData;
import org.apache.kafka.common.message.HeartbeatResponseData;
import org.apache.kafka.common.message.OffsetDeleteRequestData;
import org.apache.kafka.common.message.OffsetDeleteResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The APIs of consumer groups in each version, and what they refuse, over a socket. */
class ConsumerGroupVersionsTest {
    private final GroupBroker broker = new GroupBroker();
    private RawClient client;

    @BeforeEach
    void connect() throws IOException {
        broker.createTopic("orders", 2);
        client = new RawClient(broker.port());
    }

    @AfterEach
    void stop() throws IOException {
        client.close();
        broker.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void memberJoinsIsDescribedAndLeaves(int version) throws IOException {
        find("g");
        ConsumerGroupHeartbeatResponseData joined = heartbeat(version, join(version == 0 ? "" : "m"));
        assertEquals(Errors.NONE.code(), joined.errorCode());
        assertEquals(1, joined.memberEpoch());
        assertEquals(List.of(0, 1), joined.assignment().topicPartitions().get(0).partitions());

        var described = client.send(
                        ApiKeys.CONSUMER_GROUP_DESCRIBE,
                        version,
                        new ConsumerGroupDescribeRequestData().setGroupIds(List.of("g", "none")),
                        ConsumerGroupDescribeResponseData.class)
                .groups();
        assertEquals("Stable", described.get(0).groupState());
        assertEquals(
                "orders",
                described
                        .get(0)
                        .members()
                        .get(0)
                        .assignment()
                        .topicPartitions()
                        .get(0)
                        .topicName());
        assertEquals(Errors.GROUP_ID_NOT_FOUND.code(), described.get(1).errorCode());

        ConsumerGroupHeartbeatRequestData leave =
                new ConsumerGroupHeartbeatRequestData().setGroupId("g").setMemberId(joined.memberId());
        assertEquals(-1, heartbeat(version, leave.setMemberEpoch(-1)).memberEpoch());
        assertEquals(
                Errors.UNKNOWN_MEMBER_ID.code(),
                heartbeat(version, leave.setMemberEpoch(1)).errorCode());
    }

    @Test
    void incompleteRequestsAreInvalid() throws IOException {
        find("g");
        short invalid = Errors.INVALID_REQUEST.code();
        assertEquals(invalid, heartbeat(1, join("")).errorCode());
        assertEquals(invalid, heartbeat(1, join("m").setGroupId("")).errorCode());
        assertEquals(invalid, heartbeat(1, join("m").setTopicPartitions(null)).errorCode());
        assertEquals(invalid, heartbeat(1, join("m").setRebalanceTimeoutMs(-1)).errorCode());
        assertEquals(
                invalid, heartbeat(1, join("m").setSubscribedTopicNames(null)).errorCode());
        assertEquals(invalid, heartbeat(1, join("m").setMemberEpoch(-2)).errorCode());
        assertEquals(invalid, heartbeat(1, join("m").setMemberEpoch(-3)).errorCode());
    }

    @Test
    void namesOfJmsAreRefused() throws IOException {
        find("g");
        assertEquals(
                Errors.INVALID_GROUP_ID.code(),
                heartbeat(1, join("m").setGroupId("__millrace.queue.orders")).errorCode());
    }

    @Test
    void beforeThereIsACoordinatorNobodyIsOne() throws IOException {
        assertEquals(Errors.NOT_COORDINATOR.code(), heartbeat(1, join("m")).errorCode());
        assertEquals(
                Errors.NOT_COORDINATOR.code(),
                client.send(
                                ApiKeys.HEARTBEAT,
                                4,
                                new HeartbeatRequestData().setGroupId("g").setMemberId("m"),
                                HeartbeatResponseData.class)
                        .errorCode());
    }

    @Test
    void aBrokerThatDoesNotOwnTheGroupNamesTheOneThatDoes() throws IOException {
        broker.coordinateElsewhere(9);

        var found = client.send(
                ApiKeys.FIND_COORDINATOR,
                6,
                new FindCoordinatorRequestData().setCoordinatorKeys(List.of("g")),
                FindCoordinatorResponseData.class);

        assertEquals(9, found.coordinators().get(0).nodeId());
        assertEquals(Errors.NOT_COORDINATOR.code(), heartbeat(1, join("m")).errorCode());
        assertEquals(Errors.NOT_COORDINATOR, classicHeartbeat());
    }

    @Test
    void whileItsPartitionIsOpenedAgainAGroupIsLoading() throws IOException {
        find("g");
        assertEquals(Errors.NONE.code(), heartbeat(1, join("m")).errorCode());

        StockClients.await(() -> {
            broker.loseGroups();
            return classicHeartbeat() == Errors.COORDINATOR_LOAD_IN_PROGRESS;
        });
        StockClients.await(() -> {
            broker.loseGroups();
            return heartbeat(1, join("m")).errorCode() == Errors.COORDINATOR_LOAD_IN_PROGRESS.code();
        });

        StockClients.await(() -> heartbeat(1, join("m")).errorCode() == Errors.NONE.code());
    }

    private Errors classicHeartbeat() throws IOException {
        HeartbeatRequestData request =
                new HeartbeatRequestData().setGroupId("g").setMemberId("m");
        return Errors.forCode(client.send(ApiKeys.HEARTBEAT, 4, request, HeartbeatResponseData.class)
                .errorCode());
    }

    @Test
    void offsetsOfNoGroupAreNotDeleted() throws IOException {
        find("g");
        assertEquals(
                Errors.GROUP_ID_NOT_FOUND.code(),
                client.send(
                                ApiKeys.OFFSET_DELETE,
                                0,
                                new OffsetDeleteRequestData().setGroupId("g"),
                                OffsetDeleteResponseData.class)
                        .errorCode());
    }

    /** Also waits until the coordinator serves. */
    private void find(String group) throws IOException {
        client.send(
                ApiKeys.FIND_COORDINATOR,
                6,
                new FindCoordinatorRequestData().setCoordinatorKeys(List.of(group)),
                FindCoordinatorResponseData.class);
        HeartbeatRequestData probe =
                new HeartbeatRequestData().setGroupId(group).setMemberId("nobody");
        StockClients.await(() -> client.send(ApiKeys.HEARTBEAT, 4, probe, HeartbeatResponseData.class)
                        .errorCode()
                == Errors.UNKNOWN_MEMBER_ID.code());
    }

    private static ConsumerGroupHeartbeatRequestData join(String memberId) {
        return new ConsumerGroupHeartbeatRequestData()
                .setGroupId("g")
                .setMemberId(memberId)
                .setMemberEpoch(0)
                .setRebalanceTimeoutMs(10_000)
                .setSubscribedTopicNames(List.of("orders"))
                .setTopicPartitions(List.of());
    }

    private ConsumerGroupHeartbeatResponseData heartbeat(int version, ConsumerGroupHeartbeatRequestData request)
            throws IOException {
        return client.send(
                ApiKeys.CONSUMER_GROUP_HEARTBEAT, version, request, ConsumerGroupHeartbeatResponseData.class);
    }
}
