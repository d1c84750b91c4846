// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.delivery.MillraceTestClient;
import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.protocol.kafka.MessageBuffers;
import io.millrace.protocol.kafka.ProduceRecords;
import io.millrace.protocol.kafka.ResponseDecoder;
import io.millrace.protocol.message.SubscriptionKind;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Consumer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.CreateTopicsRequestData;
import org.apache.kafka.common.message.CreateTopicsRequestData.CreatableTopic;
import org.apache.kafka.common.message.CreateTopicsResponseData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterConfigsResource;
import org.apache.kafka.common.message.IncrementalAlterConfigsRequestData.AlterableConfig;
import org.apache.kafka.common.message.IncrementalAlterConfigsResponseData;
import org.apache.kafka.common.message.MetadataRequestData;
import org.apache.kafka.common.message.MetadataRequestData.MetadataRequestTopic;
import org.apache.kafka.common.message.MetadataResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ProduceRequestData.PartitionProduceData;
import org.apache.kafka.common.message.ProduceRequestData.TopicProduceData;
import org.apache.kafka.common.message.ShareFetchRequestData;
import org.apache.kafka.common.message.ShareFetchRequestData.AcknowledgementBatch;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchPartition;
import org.apache.kafka.common.message.ShareFetchRequestData.FetchTopic;
import org.apache.kafka.common.message.ShareFetchRequestData.ForgottenTopic;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.message.ShareGroupHeartbeatRequestData;
import org.apache.kafka.common.message.ShareGroupHeartbeatResponseData;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Share sessions (KIP-932) as bytes on a socket of a whole broker. */
@Timeout(60)
class ShareSessionTest {
    private static final int VERSION = 2;
    private static final int LOCKS = 100;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension()
            .set("group.share.max.share.sessions", "3")
            .set("group.share.partition.max.record.locks", Integer.toString(LOCKS));

    private final String topic = "t-" + UUID.randomUUID();
    private final List<RawClient> connections = new ArrayList<>();
    private RawClient client;
    private Uuid topicId;

    @BeforeEach
    void start(EmbeddedBroker broker) throws IOException {
        client = connection();
        CreateTopicsRequestData request = new CreateTopicsRequestData().setTimeoutMs(10_000);
        request.topics()
                .add(new CreatableTopic().setName(topic).setNumPartitions(2).setReplicationFactor((short) 1));
        CreateTopicsResponseData created = (CreateTopicsResponseData) client.call(ApiKeys.CREATE_TOPICS, 7, request);
        assertEquals(0, created.topics().find(topic).errorCode());
        topicId = created.topics().find(topic).topicId();
        startAtEarliest(topic);
    }

    @AfterEach
    void stop() throws IOException {
        for (RawClient connection : connections) {
            connection.close();
        }
    }

    @Test
    void aFetchWithoutRecordsWaitsForThem() throws IOException {
        fetch(client, "m", 0, r -> {});
        int sent = client.send(
                ApiKeys.SHARE_FETCH, VERSION, request("m", 1, r -> {}).setMaxWaitMs(30_000));

        produce("a", "b");

        assertEquals("0: 0-1 x1", acquired(receive(client, sent)));
    }

    @Test
    void aFetchIsAnsweredEmptyWhenItsTimeIsOver() throws IOException {
        fetch(client, "m", 0, r -> {});

        assertEquals("", acquired(fetch(client, "m", 1, r -> r.setMaxWaitMs(50))));
    }

    @Test
    void nothingIsAcquiredForAMemberThatWaitsForMoreBytes() throws IOException {
        fetch(client, "patient", 0, r -> {});
        produce("a");
        int sent = client.send(
                ApiKeys.SHARE_FETCH,
                VERSION,
                request("patient", 1, r -> r.setMinBytes(1_000)).setMaxWaitMs(30_000));

        RawClient other = connection();
        assertEquals("0: 0-0 x1", acquired(fetch(other, "other", 0, r -> {})));

        produce("x".repeat(2_000));
        assertEquals("0: 1-1 x1", acquired(receive(client, sent)));
    }

    @Test
    void whatAWaitingMemberReleasesGoesToOneThatWaits() throws IOException {
        produce("a");
        assertEquals("0: 0-0 x1", acquired(fetch(client, "holder", 0, r -> {})));
        RawClient other = connection();
        fetch(other, "waiter", 0, r -> {});
        int sent = other.send(
                ApiKeys.SHARE_FETCH, VERSION, request("waiter", 1, r -> {}).setMaxWaitMs(30_000));

        fetch(client, "holder", 1, r -> acknowledge(r, 0, 0, 2).setMaxRecords(0));

        assertEquals("0: 0-0 x2", acquired(receive(other, sent)));
    }

    @Test
    void aLostConnectionReleasesWhatItsMembersHeld() throws IOException {
        produce("a", "b");
        RawClient lost = connection();
        assertEquals("0: 0-1 x1", acquired(fetch(lost, "lost", 0, r -> {})));

        lost.close();

        assertEquals("0: 0-1 x2", acquired(fetch(client, "m", 0, r -> r.setMaxWaitMs(30_000))));
    }

    @Test
    void aSessionBelongsToItsConnection() throws IOException {
        fetch(client, "m", 0, r -> {});

        ShareFetchResponseData stranger = fetch(connection(), "m", 1, r -> {});

        assertEquals(Errors.SHARE_SESSION_NOT_FOUND, Errors.forCode(stranger.errorCode()));
    }

    @Test
    void thereAreNoMoreSessionsThanTheBrokerAllows() throws IOException {
        fetch(client, "one", 0, r -> {});
        fetch(client, "two", 0, r -> {});
        fetch(client, "three", 0, r -> {});

        ShareFetchResponseData refused = fetch(client, "four", 0, r -> {});
        fetch(client, "one", -1, r -> r.topics().clear());
        ShareFetchResponseData taken = fetch(client, "four", 0, r -> {});

        assertEquals(Errors.SHARE_SESSION_LIMIT_REACHED, Errors.forCode(refused.errorCode()));
        assertEquals(Errors.NONE, Errors.forCode(taken.errorCode()));
    }

    @Test
    void noMoreRecordsAreInFlightThanThePartitionsLocks() throws IOException {
        for (int i = 0; i < 12; i++) {
            produce("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        }
        assertEquals("0: 0-99 x1", acquired(fetch(client, "m", 0, r -> r.setMaxRecords(1_000))));

        assertEquals("", acquired(fetch(client, "m", 1, r -> r.setMaxWaitMs(50))));
        ShareFetchResponseData more =
                fetch(client, "m", 2, r -> acknowledge(r, 10, 19, 1).setMaxWaitMs(30_000));

        assertEquals("0: 100-109 x1", acquired(more));
    }

    @Test
    void theAnswersRangesAreNoLongerThanTheBatchSizeAskedFor() throws IOException {
        produce("0", "1", "2", "3");
        produce("4", "5", "6", "7");
        produce("8", "9");

        ShareFetchResponseData answer = fetch(client, "m", 0, r -> r.setBatchSize(6));

        assertEquals("0: 0-3 x1, 4-9 x1", acquired(answer));
    }

    @Test
    void membersOfTheFirstVersionAreServed() throws IOException {
        produce("a", "b");

        ShareFetchResponseData opened =
                (ShareFetchResponseData) client.call(ApiKeys.SHARE_FETCH, 1, request("m", 0, r -> {}));
        ShareFetchResponseData accepted = (ShareFetchResponseData)
                client.call(ApiKeys.SHARE_FETCH, 1, request("m", 1, r -> acknowledge(r, 0, 1, 1)));

        assertEquals("0: 0-1 x1", acquired(opened));
        assertEquals("", acquired(accepted));
    }

    @Test
    void aForgottenPartitionIsNotFetchedAnyMore() throws IOException {
        fetch(client, "m", 0, r -> {});
        fetch(client, "m", 1, r -> {
            r.topics().clear();
            r.setForgottenTopicsData(
                    List.of(new ForgottenTopic().setTopicId(topicId).setPartitions(List.of(0))));
        });

        produce("a");

        ShareFetchResponseData answer =
                fetch(client, "m", 2, r -> r.setMaxWaitMs(50).topics().clear());
        assertEquals("", acquired(answer));
    }

    @Test
    void aNamesakeOfJmsGroupsIsRefused() throws IOException {
        String reserved = "__millrace.queue." + topic;

        ShareGroupHeartbeatResponseData heartbeat = (ShareGroupHeartbeatResponseData) client.call(
                ApiKeys.SHARE_GROUP_HEARTBEAT,
                1,
                new ShareGroupHeartbeatRequestData()
                        .setGroupId(reserved)
                        .setMemberId("m")
                        .setSubscribedTopicNames(List.of(topic)));
        ShareFetchResponseData fetch = fetch(client, "m", 0, r -> r.setGroupId(reserved));

        assertEquals(Errors.INVALID_GROUP_ID, Errors.forCode(heartbeat.errorCode()));
        assertEquals(Errors.INVALID_GROUP_ID, Errors.forCode(fetch.errorCode()));
    }

    @Test
    void aQueuesConsumersAndAShareGroupGetTheSameRecordsEach(EmbeddedBroker broker) throws IOException {
        String queue = "q-" + UUID.randomUUID();
        startAtEarliest(queue);
        try (MillraceTestClient jms = MillraceTestClient.connected(broker.port())) {
            jms.openQueue(queue);
            jms.sendTexts(queue, "one", "two");
            Uuid queueId = topicId(queue);

            ShareFetchResponseData shared = fetch(client, "m", 0, r -> {
                r.setGroupId(queue).topics().clear();
                r.topics().add(topic(queueId));
            });
            jms.subscribe(1, 1, SubscriptionKind.QUEUE, queue);
            int received = jms.pull(1, 10).size();

            assertEquals("0: 0-1 x1", acquired(shared));
            assertEquals(2, received);
        }
    }

    // Requests

    private RawClient connection() throws IOException {
        RawClient connection = new RawClient(MILLRACE.broker().port());
        connections.add(connection);
        return connection;
    }

    private Uuid topicId(String name) throws IOException {
        MetadataResponseData answer = (MetadataResponseData) client.call(
                ApiKeys.METADATA,
                12,
                new MetadataRequestData().setTopics(List.of(new MetadataRequestTopic().setName(name))));
        return answer.topics().find(name).topicId();
    }

    private void startAtEarliest(String group) throws IOException {
        AlterConfigsResource resource =
                new AlterConfigsResource().setResourceType((byte) 32).setResourceName(group);
        resource.configs()
                .add(new AlterableConfig()
                        .setName("share.auto.offset.reset")
                        .setConfigOperation((byte) 0)
                        .setValue("earliest"));
        IncrementalAlterConfigsRequestData request = new IncrementalAlterConfigsRequestData();
        request.resources().add(resource);
        IncrementalAlterConfigsResponseData answer =
                (IncrementalAlterConfigsResponseData) client.call(ApiKeys.INCREMENTAL_ALTER_CONFIGS, 1, request);
        assertEquals(0, answer.responses().get(0).errorCode());
    }

    private FetchTopic topic(Uuid id) {
        FetchTopic wanted = new FetchTopic().setTopicId(id);
        wanted.partitions().add(new FetchPartition().setPartitionIndex(0));
        return wanted;
    }

    private ShareFetchRequestData request(String member, int epoch, Consumer<ShareFetchRequestData> changes) {
        ShareFetchRequestData request = new ShareFetchRequestData()
                .setGroupId(topic)
                .setMemberId(member)
                .setShareSessionEpoch(epoch)
                .setMaxWaitMs(0)
                .setMinBytes(1)
                .setMaxBytes(1 << 20)
                .setMaxRecords(500)
                .setBatchSize(500);
        request.topics().add(topic(topicId));
        changes.accept(request);
        return request;
    }

    private static ShareFetchRequestData acknowledge(ShareFetchRequestData request, long first, long last, int type) {
        request.topics()
                .iterator()
                .next()
                .partitions()
                .iterator()
                .next()
                .setAcknowledgementBatches(List.of(new AcknowledgementBatch()
                        .setFirstOffset(first)
                        .setLastOffset(last)
                        .setAcknowledgeTypes(List.of((byte) type))));
        return request;
    }

    private ShareFetchResponseData fetch(
            RawClient connection, String member, int epoch, Consumer<ShareFetchRequestData> changes)
            throws IOException {
        return (ShareFetchResponseData) connection.call(ApiKeys.SHARE_FETCH, VERSION, request(member, epoch, changes));
    }

    private static ShareFetchResponseData receive(RawClient connection, int sent) throws IOException {
        ByteBuf frame = connection.receive();
        assertEquals(sent, ResponseDecoder.correlationId(frame));
        return (ShareFetchResponseData) ResponseDecoder.decode(frame, ApiKeys.SHARE_FETCH.id, (short) VERSION);
    }

    /** What was acquired, by partition; fails for an error. */
    private static String acquired(ShareFetchResponseData answer) {
        assertEquals(Errors.NONE, Errors.forCode(answer.errorCode()));
        List<String> all = new ArrayList<>();
        answer.responses()
                .forEach(topic -> topic.partitions().forEach(partition -> {
                    assertEquals(Errors.NONE, Errors.forCode(partition.errorCode()));
                    assertEquals(Errors.NONE, Errors.forCode(partition.acknowledgeErrorCode()));
                    List<String> ranges = partition.acquiredRecords().stream()
                            .map(range -> range.firstOffset() + "-" + range.lastOffset() + " x" + range.deliveryCount())
                            .toList();
                    if (!ranges.isEmpty()) {
                        all.add(partition.partitionIndex() + ": " + String.join(", ", ranges));
                    }
                }));
        MessageBuffers.release(answer);
        return String.join("; ", all);
    }

    /** One batch to partition 0. */
    private void produce(String... values) throws IOException {
        RawClient producer = connection();
        TopicProduceData data = new TopicProduceData().setName(topic);
        data.setPartitionData(
                List.of(ProduceRecords.set(new PartitionProduceData().setIndex(0), TestBatches.of(values))));
        ProduceRequestData request =
                new ProduceRequestData().setAcks((short) -1).setTimeoutMs(10_000);
        request.topicData().add(data);
        producer.call(ApiKeys.PRODUCE, 9, request);
        producer.close();
    }
}
