// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.config.GroupConfigKeys;
import io.millrace.broker.config.OffsetReset;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The share groups of a partition, owned by the partition's loop. They hold no retention up: as in Kafka a record that
 * goes by age or size goes for them too.
 */
final class ShareMachine implements StateMachine {
    /** Ranges in one record of a snapshot. */
    private static final int SNAPSHOT_CHUNK = 4_096;
    /** Bounds what clients make a partition keep; far more than anybody has. */
    private static final int MAX_GROUPS = 1_000;

    private final Partition partition;
    private final GroupConfigs configs;
    private final BrokerClock clock;
    private final Map<Integer, SharePartition> groups = new LinkedHashMap<>();
    private final Map<String, SharePartition> byName = new HashMap<>();
    private final Map<String, CompletableFuture<SharePartition>> opening = new HashMap<>();
    private final RecordVisitor visitor = new RecordVisitor();
    private int lastId;
    private boolean lost;

    ShareMachine(Partition partition, GroupConfigs configs, BrokerClock clock) {
        this.partition = partition;
        this.configs = configs;
        this.clock = clock;
    }

    @Nullable
    SharePartition find(String groupId) {
        return byName.get(groupId);
    }

    /** The group; where there is none it starts as {@code share.auto.offset.reset} says. Durable when it completes. */
    CompletableFuture<SharePartition> open(String groupId) {
        CompletableFuture<SharePartition> underWay = opening.get(groupId);
        if (underWay != null) {
            return underWay;
        }
        SharePartition known = byName.get(groupId);
        if (known != null) {
            return CompletableFuture.completedFuture(known);
        }
        if (groups.size() + opening.size() >= MAX_GROUPS) {
            return CompletableFuture.failedFuture(new BrokerException(
                    Code.UNSUPPORTED,
                    "Partition " + partition.id() + " has " + groups.size()
                            + " share groups, the most it may have; delete some"));
        }
        CompletableFuture<SharePartition> opened = new CompletableFuture<>();
        opening.put(groupId, opened);
        Completions.whenDone(
                start(groupId),
                (start, failure) -> partition.execute(() -> {
                    if (start == null || lost) {
                        fail(groupId, opened, failure);
                    } else {
                        create(groupId, start, opened);
                    }
                }));
        return opened;
    }

    private CompletableFuture<Long> start(String groupId) {
        OffsetReset reset = configs.of(groupId).get(GroupConfigKeys.SHARE_AUTO_OFFSET_RESET);
        long latest = partition.highWatermark();
        Duration ago = reset.ago();
        if (ago != null) {
            return partition
                    .offsetForTimestamp(clock.wallMs() - ago.toMillis())
                    .thenApply(found -> found.map(at -> at.offset()).orElse(latest));
        }
        return CompletableFuture.completedFuture(reset.equals(OffsetReset.EARLIEST) ? partition.startOffset() : latest);
    }

    private void create(String groupId, long start, CompletableFuture<SharePartition> opened) {
        Completions.whenDone(write(List.of(ShareRecords.created(lastId + 1, groupId, start))), (done, failure) -> {
            SharePartition created = byName.get(groupId);
            if (failure != null || created == null || lost) {
                fail(groupId, opened, failure);
            } else {
                opening.remove(groupId, opened);
                opened.complete(created);
            }
        });
    }

    private void fail(String groupId, CompletableFuture<SharePartition> opened, @Nullable Throwable failure) {
        opening.remove(groupId, opened);
        opened.completeExceptionally(failure == null ? notServed() : failure);
    }

    /** Sets where a group stands, made where there is none: all that its members hold there is forgotten. */
    CompletableFuture<Void> reset(String groupId, long startOffset) {
        List<StateRecord> records = new ArrayList<>();
        SharePartition known = byName.get(groupId);
        if (known != null) {
            records.add(ShareRecords.removed(known.id()));
        }
        records.add(ShareRecords.created(lastId + 1, groupId, startOffset));
        return write(records).thenApply(done -> null);
    }

    /** Forgets a group; completes with whether there was one. */
    CompletableFuture<Boolean> remove(String groupId) {
        SharePartition known = byName.get(groupId);
        return known == null
                ? CompletableFuture.completedFuture(false)
                : write(List.of(ShareRecords.removed(known.id()))).thenApply(done -> true);
    }

    private CompletableFuture<?> write(List<StateRecord> records) {
        return partition.append(Append.ofState(records));
    }

    private BrokerException notServed() {
        return new BrokerException(
                Code.NOT_LEADER,
                "Partition " + partition.id() + " is not served by this broker now; look its leader up again");
    }

    @Override
    public byte tag() {
        return ShareRecords.TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        ShareRecords.read(record, visitor);
    }

    @Override
    public void onHighWatermark(long highWatermark) {
        groups.values().forEach(SharePartition::onHighWatermark);
    }

    @Override
    public void onLost() {
        lost = true;
        List<SharePartition> all = List.copyOf(groups.values());
        groups.clear();
        byName.clear();
        all.forEach(SharePartition::onLost);
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        groups.values().forEach(group -> group.snapshot(SNAPSHOT_CHUNK, writer));
    }

    private final class RecordVisitor implements ShareRecords.Visitor {
        @Override
        public void onCreated(int id, String groupId, long startOffset) {
            lastId = Math.max(lastId, id);
            SharePartition group = new SharePartition(
                    partition,
                    id,
                    groupId,
                    startOffset,
                    () -> configs.of(groupId),
                    clock,
                    (records, urgency) -> write(records));
            groups.put(id, group);
            byName.put(groupId, group);
        }

        @Override
        public void onRemoved(int id) {
            SharePartition removed = groups.remove(id);
            if (removed != null) {
                byName.remove(removed.groupId(), removed);
                removed.onLost();
            }
        }

        @Override
        public void onFinal(int id, long first, long last) {
            SharePartition group = groups.get(id);
            if (group != null) {
                group.state().replayFinal(first, last);
            }
        }

        @Override
        public void onDelivered(int id, long first, long last, int deliveryCount) {
            SharePartition group = groups.get(id);
            if (group != null) {
                group.state().replayDelivered(first, last, deliveryCount);
            }
        }
    }
}
