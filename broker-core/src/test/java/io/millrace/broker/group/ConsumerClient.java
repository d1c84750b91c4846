// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import static io.millrace.broker.group.ShardFixture.GROUP;
import static io.millrace.broker.group.ShardFixture.now;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * A member of a consumer group that behaves as Kafka's own client: it uses what it was assigned once it {@link #react}s,
 * tells what it uses after each new assignment, and tells everything again after an answer was lost.
 */
final class ConsumerClient {
    String memberId;
    String instanceId;
    List<String> topicNames = List.of();
    String topicRegex;
    String assignor;
    int epoch;
    /** What it uses. */
    PartitionSet owned = PartitionSet.EMPTY;
    /** What it was told last. */
    PartitionSet assigned = PartitionSet.EMPTY;

    private boolean assignmentIsNew;
    private boolean ownedChanged;
    private boolean tellAll;

    ConsumerClient(String memberId, String... topicNames) {
        this.memberId = memberId;
        this.topicNames = List.of(topicNames);
    }

    void subscribe(List<String> names) {
        topicNames = names;
        tellAll = true;
    }

    ConsumerHeartbeat join() {
        epoch = 0;
        owned = PartitionSet.EMPTY;
        return full();
    }

    ConsumerHeartbeat full() {
        return new ConsumerHeartbeat(
                memberId,
                epoch,
                instanceId,
                null,
                "client",
                "/127.0.0.1",
                "User:ANONYMOUS",
                ShardFixture.REBALANCE_MS,
                topicNames,
                topicRegex,
                assignor,
                named(owned));
    }

    private ConsumerHeartbeat brief() {
        return at(epoch, ownedChanged ? named(owned) : null);
    }

    ConsumerHeartbeat at(int otherEpoch, Map<UUID, List<Integer>> says) {
        return new ConsumerHeartbeat(
                memberId,
                otherEpoch,
                instanceId,
                null,
                "client",
                "/127.0.0.1",
                "User:ANONYMOUS",
                -1,
                null,
                null,
                null,
                says);
    }

    /** Joins, or says what is due; takes the answer in. */
    ConsumerHeartbeatResult heartbeat(ShardFixture f) {
        if (epoch == 0) {
            return take(now(f.shard.members().consumerHeartbeat(GROUP, join())));
        }
        if (tellAll) {
            react();
            return take(now(f.shard.members().consumerHeartbeat(GROUP, full())));
        }
        return take(now(f.shard.members().consumerHeartbeat(GROUP, brief())));
    }

    /** As {@link #heartbeat}, but the answer gets lost. */
    void heartbeatInVain(ShardFixture f) {
        if (epoch != 0) {
            if (tellAll) {
                react();
            }
            var unused = f.shard.members().consumerHeartbeat(GROUP, tellAll ? full() : brief());
            tellAll = true;
        }
    }

    private ConsumerHeartbeatResult take(ConsumerHeartbeatResult result) {
        tellAll = false;
        ownedChanged = false;
        if (result.error() == GroupError.NONE) {
            epoch = result.epoch();
            memberId = result.memberId();
            if (result.assignment() != null) {
                assigned = result.assignment();
                assignmentIsNew = true;
            }
        } else {
            dropAll();
        }
        return result;
    }

    /** Uses what it was assigned and nothing else. */
    void react() {
        ownedChanged |= assignmentIsNew;
        assignmentIsNew = false;
        owned = assigned;
    }

    /** Heartbeats and reacts until nothing changes. */
    void settle(ShardFixture f) {
        for (int i = 0; i < 4; i++) {
            heartbeat(f);
            react();
        }
    }

    GroupError leave(ShardFixture f, int leaveEpoch) {
        GroupError error = now(f.shard.members().consumerHeartbeat(GROUP, at(leaveEpoch, null)))
                .error();
        dropAll();
        return error;
    }

    void dropAll() {
        epoch = 0;
        owned = PartitionSet.EMPTY;
        assigned = PartitionSet.EMPTY;
    }

    private static Map<UUID, List<Integer>> named(PartitionSet partitions) {
        return partitions.topicIds().stream().collect(Collectors.toMap(id -> id, partitions::partitions));
    }
}
