// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.netty.buffer.ByteBufUtil;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;

/** The committed offsets of one group; used on its coordinator partition's owner loop only. */
final class GroupOffsets {
    /** Keeps a record of a snapshot below some 100 KiB with usual metadata. */
    private static final int CHUNK = 1_000;

    private final Map<OffsetKey, CommittedOffset> offsets = new HashMap<>();
    /** By the producers in whose undecided transactions they are. */
    private final Map<Long, Map<OffsetKey, CommittedOffset>> pending = new HashMap<>();

    // Commands

    /** Appends what is accepted; one result for each offset, in order. */
    static List<GroupError> commit(String groupId, CommitRequest request, int maxMetadataBytes, Outcome out) {
        return commit(request, maxMetadataBytes, out, accepted -> new GroupRecord.Offsets(groupId, accepted));
    }

    /** As {@link #commit}, within a transaction of a producer. */
    static List<GroupError> commitPending(
            String groupId, long producerId, CommitRequest request, int maxMetadataBytes, Outcome out) {
        return commit(
                request,
                maxMetadataBytes,
                out,
                accepted -> new GroupRecord.PendingOffsets(groupId, producerId, accepted));
    }

    private static List<GroupError> commit(
            CommitRequest request,
            int maxMetadataBytes,
            Outcome out,
            Function<Map<OffsetKey, CommittedOffset>, GroupRecord> record) {
        Map<OffsetKey, CommittedOffset> accepted = new LinkedHashMap<>();
        List<GroupError> errors = new ArrayList<>();
        for (CommitRequest.Offset offset : request.offsets()) {
            if (ByteBufUtil.utf8Bytes(offset.metadata()) > maxMetadataBytes) {
                errors.add(GroupError.OFFSET_METADATA_TOO_LARGE);
            } else {
                errors.add(GroupError.NONE);
                accepted.put(
                        offset.key(),
                        new CommittedOffset(offset.offset(), offset.leaderEpoch(), offset.metadata(), out.wallMs()));
            }
        }
        if (!accepted.isEmpty()) {
            out.append(record.apply(accepted));
        }
        return errors;
    }

    /** Appends what removes those of {@code keys} that are there. */
    void remove(String groupId, Collection<OffsetKey> keys, Outcome out) {
        Set<OffsetKey> chunk = new HashSet<>();
        for (OffsetKey key : keys) {
            if (offsets.containsKey(key)) {
                chunk.add(key);
            }
            if (chunk.size() == CHUNK) {
                out.append(new GroupRecord.OffsetsRemoved(groupId, chunk));
                chunk.clear();
            }
        }
        if (!chunk.isEmpty()) {
            out.append(new GroupRecord.OffsetsRemoved(groupId, chunk));
        }
    }

    // Records

    void apply(Map<OffsetKey, CommittedOffset> committed) {
        offsets.putAll(committed);
    }

    void apply(GroupRecord.PendingOffsets added) {
        pending.computeIfAbsent(added.producerId(), id -> new HashMap<>()).putAll(added.offsets());
    }

    /** What was committed after a transaction's offsets stays, whenever that is decided. */
    void apply(GroupRecord.TransactionEnded ended) {
        Map<OffsetKey, CommittedOffset> decided = pending.remove(ended.producerId());
        if (decided != null && ended.commit()) {
            decided.forEach((key, offset) -> offsets.merge(
                    key,
                    offset,
                    (present, later) -> present.commitTimestampMs() > later.commitTimestampMs() ? present : later));
        }
    }

    /** Those of which an undecided transaction has a later one (KIP-447). */
    Set<OffsetKey> unstable() {
        Set<OffsetKey> keys = new HashSet<>();
        pending.values().forEach(offsetsOfOne -> keys.addAll(offsetsOfOne.keySet()));
        return keys;
    }

    boolean hasPending() {
        return !pending.isEmpty();
    }

    void apply(GroupRecord.OffsetsRemoved removed) {
        offsets.keySet().removeAll(removed.keys());
    }

    void removeTopic(UUID topicId) {
        offsets.keySet().removeIf(key -> key.topicId().equals(topicId));
        pending.values()
                .forEach(map -> map.keySet().removeIf(key -> key.topicId().equals(topicId)));
        pending.values().removeIf(Map::isEmpty);
    }

    // Reading

    void addTopicsTo(Set<UUID> topicIds) {
        offsets.keySet().forEach(key -> topicIds.add(key.topicId()));
        pending.values().forEach(map -> map.keySet().forEach(key -> topicIds.add(key.topicId())));
    }

    Map<OffsetKey, CommittedOffset> all() {
        return Collections.unmodifiableMap(offsets);
    }

    int size() {
        return offsets.size();
    }

    boolean isEmpty() {
        return offsets.isEmpty() && pending.isEmpty();
    }

    /** Writes everything in records of bounded size. */
    void snapshot(String groupId, Consumer<GroupRecord> writer) {
        chunks(offsets, chunk -> writer.accept(new GroupRecord.Offsets(groupId, chunk)));
        pending.forEach((producerId, map) ->
                chunks(map, chunk -> writer.accept(new GroupRecord.PendingOffsets(groupId, producerId, chunk))));
    }

    private static void chunks(Map<OffsetKey, CommittedOffset> all, Consumer<Map<OffsetKey, CommittedOffset>> writer) {
        Map<OffsetKey, CommittedOffset> chunk = new LinkedHashMap<>();
        all.forEach((key, committed) -> {
            chunk.put(key, committed);
            if (chunk.size() == CHUNK) {
                writer.accept(chunk);
                chunk.clear();
            }
        });
        if (!chunk.isEmpty()) {
            writer.accept(chunk);
        }
    }
}
