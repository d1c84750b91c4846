// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request.group;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.group.CommittedOffset;
import io.millrace.broker.group.GroupCoordinator;
import io.millrace.broker.group.MemberIdentity;
import io.millrace.broker.group.OffsetKey;
import io.millrace.broker.group.StableOffsets;
import io.millrace.broker.request.KafkaHandler;
import io.millrace.broker.request.RequestContext;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.kafka.common.message.OffsetFetchRequestData;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestGroup;
import org.apache.kafka.common.message.OffsetFetchRequestData.OffsetFetchRequestTopics;
import org.apache.kafka.common.message.OffsetFetchResponseData;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseGroup;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponsePartitions;
import org.apache.kafka.common.message.OffsetFetchResponseData.OffsetFetchResponseTopics;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/** OffsetFetch: one group before version 8, several from then on; no topics named means all of them. */
record OffsetFetchHandler(GroupCoordinator groups, Cluster cluster) implements KafkaHandler<OffsetFetchRequestData> {
    private static final short FIRST_BATCHED_VERSION = 8;

    @Override
    public CompletionStage<OffsetFetchResponseData> handle(RequestContext context, OffsetFetchRequestData request) {
        short version = context.apiVersion();
        if (version < FIRST_BATCHED_VERSION) {
            return fetch(SingleGroupOffsets.toGroup(request), request.requireStable(), version)
                    .thenApply(answer -> SingleGroupOffsets.toResponse(answer, request, version));
        }
        List<CompletableFuture<OffsetFetchResponseGroup>> answers = request.groups().stream()
                .map(group -> fetch(group, request.requireStable(), version))
                .toList();
        return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new))
                .thenApply(done -> new OffsetFetchResponseData()
                        .setGroups(answers.stream().map(CompletableFuture::join).toList()));
    }

    private CompletableFuture<OffsetFetchResponseGroup> fetch(
            OffsetFetchRequestGroup group, boolean stable, short version) {
        String memberId = group.memberId();
        MemberIdentity who = new MemberIdentity(memberId == null ? "" : memberId, null);
        return groups.stableOffsets(group.groupId(), who, group.memberEpoch())
                .thenApply(found -> {
                    KnownTopics known = KnownTopics.of(cluster.view(), version);
                    return new OffsetFetchResponseGroup()
                            .setGroupId(group.groupId())
                            .setTopics(topics(group.topics(), new Offsets(found, stable), known));
                })
                .exceptionally(failure -> new OffsetFetchResponseGroup()
                        .setGroupId(group.groupId())
                        .setErrorCode(GroupErrors.code(failure)));
    }

    private static List<OffsetFetchResponseTopics> topics(
            @Nullable List<OffsetFetchRequestTopics> named, Offsets offsets, KnownTopics known) {
        if (named == null) {
            return all(offsets, known.view());
        }
        return named.stream().map(topic -> one(topic, offsets, known)).toList();
    }

    private static OffsetFetchResponseTopics one(OffsetFetchRequestTopics topic, Offsets offsets, KnownTopics known) {
        TopicInfo info = known.find(topic.name(), topic.topicId());
        // A topic that is not known by name has no offsets; one that is not known by id is an error of its own.
        Errors error = info == null && known.byId() ? known.unknown() : Errors.NONE;
        return new OffsetFetchResponseTopics()
                .setName(topic.name())
                .setTopicId(topic.topicId())
                .setPartitions(topic.partitionIndexes().stream()
                        .map(index -> info == null
                                ? partition(index, null, error)
                                : offsets.partition(new OffsetKey(info.id(), index), error))
                        .toList());
    }

    private static List<OffsetFetchResponseTopics> all(Offsets offsets, ClusterView view) {
        Map<UUID, OffsetFetchResponseTopics> topics = new LinkedHashMap<>();
        offsets.keys().forEach(key -> {
            String name = view.topicNames().get(key.topicId());
            if (name != null) {
                topics.computeIfAbsent(
                                key.topicId(),
                                id -> new OffsetFetchResponseTopics()
                                        .setName(name)
                                        .setTopicId(KnownTopics.kafkaId(id)))
                        .partitions()
                        .add(offsets.partition(key, Errors.NONE));
            }
        });
        return List.copyOf(topics.values());
    }

    /**
     * What is committed.
     *
     * @param stable whether an offset is not told of which an undecided transaction has a later one (KIP-447)
     */
    private record Offsets(StableOffsets found, boolean stable) {
        Set<OffsetKey> keys() {
            Set<OffsetKey> keys = new LinkedHashSet<>(found.offsets().keySet());
            if (stable) {
                keys.addAll(found.unstable());
            }
            return keys;
        }

        OffsetFetchResponsePartitions partition(OffsetKey key, Errors error) {
            return stable && error == Errors.NONE && found.unstable().contains(key)
                    ? OffsetFetchHandler.partition(key.partition(), null, Errors.UNSTABLE_OFFSET_COMMIT)
                    : OffsetFetchHandler.partition(
                            key.partition(), found.offsets().get(key), error);
        }
    }

    private static OffsetFetchResponsePartitions partition(
            int index, @Nullable CommittedOffset committed, Errors error) {
        return new OffsetFetchResponsePartitions()
                .setPartitionIndex(index)
                .setCommittedOffset(committed == null ? -1 : committed.offset())
                .setCommittedLeaderEpoch(committed == null ? -1 : committed.leaderEpoch())
                .setMetadata(committed == null ? "" : committed.metadata())
                .setErrorCode(error.code());
    }
}
