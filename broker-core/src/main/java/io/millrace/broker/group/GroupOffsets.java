// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The committed offsets of one group; used on its coordinator partition's owner loop only. */
final class GroupOffsets {
    /** Keeps a record of a snapshot below some 100 KiB with usual metadata. */
    private static final int SNAPSHOT_CHUNK = 1_000;

    private final Map<OffsetKey, CommittedOffset> offsets = new HashMap<>();

    void apply(Map<OffsetKey, CommittedOffset> committed) {
        offsets.putAll(committed);
    }

    void removeTopic(UUID topicId) {
        offsets.keySet().removeIf(key -> key.topicId().equals(topicId));
    }

    void addTopicsTo(Set<UUID> topicIds) {
        offsets.keySet().forEach(key -> topicIds.add(key.topicId()));
    }

    @Nullable
    CommittedOffset get(UUID topicId, int partition) {
        return offsets.get(new OffsetKey(topicId, partition));
    }

    Map<OffsetKey, CommittedOffset> all() {
        return Collections.unmodifiableMap(offsets);
    }

    boolean isEmpty() {
        return offsets.isEmpty();
    }

    /** Writes everything in records of bounded size. */
    void snapshot(String groupId, Consumer<GroupRecord> writer) {
        Map<OffsetKey, CommittedOffset> chunk = new LinkedHashMap<>();
        offsets.forEach((key, committed) -> {
            chunk.put(key, committed);
            if (chunk.size() == SNAPSHOT_CHUNK) {
                writer.accept(new GroupRecord.Offsets(groupId, chunk));
                chunk.clear();
            }
        });
        if (!chunk.isEmpty()) {
            writer.accept(new GroupRecord.Offsets(groupId, chunk));
        }
    }
}
