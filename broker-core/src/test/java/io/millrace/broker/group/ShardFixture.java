// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.cluster.TopicInfo.PartitionOwnership;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.partition.ManualOwnerLoop;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateRecord;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/** A shard on a loop that is driven by hand, over a STATE stream kept in a list. */
final class ShardFixture implements GroupRuntime {
    static final String GROUP = "orders";
    static final int SESSION_MS = 10_000;
    static final int REBALANCE_MS = 60_000;
    static final int MAX_MEMBERS = 3;
    static final long RETENTION_MS = 3_600_000;
    static final long CHECK_INTERVAL_MS = 60_000;

    final ManualOwnerLoop loop;
    private final Map<String, TopicInfo> topics;
    /** Of all topics there ever were, so that ids are the same each time a test runs. */
    private final List<UUID> topicIds;

    private final int maxMembers;
    final List<byte[]> stream;
    final GroupShard shard;
    private final List<CompletableFuture<Void>> undurable = new ArrayList<>();
    private boolean holding;

    ShardFixture() {
        this(MAX_MEMBERS);
    }

    ShardFixture(int maxMembers) {
        this(new ManualOwnerLoop(), new ArrayList<>(), new HashMap<>(), new ArrayList<>(), maxMembers);
    }

    private ShardFixture(
            ManualOwnerLoop loop,
            List<byte[]> stream,
            Map<String, TopicInfo> topics,
            List<UUID> topicIds,
            int maxMembers) {
        this.loop = loop;
        this.stream = stream;
        this.topics = topics;
        this.topicIds = topicIds;
        this.maxMembers = maxMembers;
        GroupConfig config = new GroupConfig(
                6_000,
                1_800_000,
                3_000,
                maxMembers,
                10,
                SESSION_MS,
                3_000,
                maxMembers,
                RETENTION_MS,
                CHECK_INTERVAL_MS);
        shard = new GroupShard("__consumer_offsets-0", config, loop, this, TopicVisibility.ALL);
        stream.forEach(bytes -> shard.replay(Unpooled.wrappedBuffer(bytes)));
        shard.onServing();
    }

    /** A shard that recovered from what this one appended. */
    ShardFixture restarted() {
        return new ShardFixture(loop, new ArrayList<>(stream), topics, topicIds, maxMembers);
    }

    /** A shard that recovered from a snapshot of this one. */
    ShardFixture restoredFromSnapshot() {
        List<byte[]> snapshot = new ArrayList<>();
        shard.snapshot(record -> {
            snapshot.add(ByteBufUtil.getBytes(record.payload()));
            record.payload().release();
        });
        return new ShardFixture(loop, snapshot, topics, topicIds, maxMembers);
    }

    @Override
    public GroupSettings settings(String groupId) {
        return GroupSettings.defaults(BrokerConfig.defaults());
    }

    @Override
    public CompletableFuture<?> append(List<StateRecord> records) {
        for (StateRecord record : records) {
            ByteBuf payload = record.payload();
            stream.add(ByteBufUtil.getBytes(payload));
            shard.replay(payload.duplicate());
            payload.release();
        }
        CompletableFuture<Void> durable = new CompletableFuture<>();
        if (holding) {
            undurable.add(durable);
        } else {
            durable.complete(null);
        }
        return durable;
    }

    @Override
    public OwnerLoop.Timer schedule(Runnable task, long delayMs) {
        return loop.schedule(task, delayMs);
    }

    @Override
    public ClusterView topics() {
        return ClusterView.of(List.of(), -1, topics.values(), Map.of());
    }

    /** Creates a topic or gives it more partitions, and tells the shard. */
    UUID topic(String name, int partitions) {
        TopicInfo before = topics.get(name);
        UUID id = before == null ? new UUID(9, topicIds.size()) : before.id();
        topicIds.add(id);
        topics.put(
                name,
                new TopicInfo(id, name, Collections.nCopies(partitions, new PartitionOwnership(0, 0)), Map.of(), 0));
        shard.onTopicsChanged();
        return id;
    }

    void deleteTopic(String name) {
        topics.remove(name);
        shard.onTopicsChanged();
    }

    void holdDurability() {
        holding = true;
    }

    void becomeDurable() {
        undurable.forEach(durable -> durable.complete(null));
        undurable.clear();
    }

    void failAppends() {
        undurable.forEach(durable -> durable.completeExceptionally(new IllegalStateException("disk gone")));
        undurable.clear();
    }

    // Offsets

    Map<OffsetKey, CommittedOffset> offsets() {
        return now(shard.offsets().committed(GROUP, new MemberIdentity("", null), -1));
    }

    // Members

    static JoinRequest request(String memberId, String instanceId, String... protocols) {
        List<MemberProtocol> list = new ArrayList<>();
        for (String protocol : protocols) {
            list.add(new MemberProtocol(protocol, OpaqueBytes.of(new byte[] {1})));
        }
        return new JoinRequest(
                memberId, instanceId, "client", "/127.0.0.1", SESSION_MS, REBALANCE_MS, "consumer", list, true, true);
    }

    CompletableFuture<JoinResult> join(String memberId) {
        return shard.members().join(GROUP, request(memberId, null, "range"));
    }

    CompletableFuture<JoinResult> joinStatic(String instanceId) {
        return shard.members().join(GROUP, request("", instanceId, "range"));
    }

    /** The id that a new dynamic member is sent. */
    String newId() {
        JoinResult result = now(join(""));
        assertEquals(GroupError.MEMBER_ID_REQUIRED, result.error());
        return result.memberId();
    }

    CompletableFuture<SyncResult> sync(JoinResult joined, String instanceId) {
        Map<String, OpaqueBytes> shares = new HashMap<>();
        joined.members().forEach(member -> shares.put(member.memberId(), share(member.memberId())));
        return shard.members()
                .sync(
                        GROUP,
                        new SyncRequest(
                                joined.memberId(),
                                instanceId,
                                joined.generation(),
                                "consumer",
                                joined.protocolName(),
                                shares));
    }

    static OpaqueBytes share(String memberId) {
        return OpaqueBytes.of(("share of " + memberId).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    GroupError heartbeat(JoinResult member) {
        return now(shard.members().heartbeat(GROUP, new MemberIdentity(member.memberId(), null), member.generation()));
    }

    /** A stable group of one dynamic member, its leader. */
    JoinResult stableMember() {
        CompletableFuture<JoinResult> joining = join(newId());
        loop.advanceMs(3_000);
        JoinResult joined = now(joining);
        now(sync(joined, null));
        return joined;
    }

    /** A stable group of static members, the first its leader. */
    List<JoinResult> stableStatic(String... instanceIds) {
        List<CompletableFuture<JoinResult>> joining = new ArrayList<>();
        for (String instanceId : instanceIds) {
            joining.add(joinStatic(instanceId));
        }
        loop.advanceMs(6_000);
        List<JoinResult> joined = joining.stream().map(ShardFixture::now).toList();
        for (int i = 0; i < instanceIds.length; i++) {
            var unused = sync(joined.get(i), instanceIds[i]);
        }
        return joined;
    }

    String state() {
        return now(shard.administration().describe(GROUP)).state();
    }

    static <T> T now(CompletableFuture<T> future) {
        assertTrue(future.isDone(), "not answered yet");
        return future.join();
    }
}
