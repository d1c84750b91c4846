// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.partition.Append;
import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.storage.Urgency;
import io.millrace.protocol.message.AckType;
import io.millrace.protocol.message.BranchId;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.ListBranches;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JMS groups of a partition and the bundles committed there, owned by the partition's loop. Durable groups have ids
 * from 1 up, groups in memory from -1 down: recovery passes over records of the latter.
 */
final class DeliveryMachine implements StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(DeliveryMachine.class);

    private final Partition partition;
    private final DeliverySettings settings;
    private final LookAheadBudget lookAhead;
    private final BundleOutcomes bundles;
    private final PartitionBranches branches;
    private final PartitionDecisions decisions;
    private final PartitionSpills spills;
    private final Supplier<DeadLetters> deadLetters;
    private final Map<Integer, DeliveryGroup> groups = new LinkedHashMap<>();
    private final Map<String, DeliveryGroup> byName = new HashMap<>();
    private final Map<Integer, SubscriptionSpec> subscriptions = new HashMap<>();
    private final SubscriptionIndex index;
    private final Consumer<Partition> onServing;
    private final RecordVisitor visitor = new RecordVisitor();
    private @Nullable LeaseNumbers leases;
    /** Until then others must not see what the replay makes: a later record may undo it. */
    private boolean serving;

    private int lastDurableId;
    private int lastMemoryId;

    /** @param onServing hears when the partition serves */
    DeliveryMachine(
            Partition partition,
            DeliverySettings settings,
            LookAheadBudget lookAhead,
            BundleIndex bundleIndex,
            BranchIndex branchIndex,
            DecisionIndex decisionIndex,
            SpillIndex spillIndex,
            SubscriptionIndex index,
            Consumer<Partition> onServing,
            Supplier<DeadLetters> deadLetters) {
        this.partition = partition;
        this.settings = settings;
        this.lookAhead = lookAhead;
        this.deadLetters = deadLetters;
        this.bundles = new BundleOutcomes(partition.id(), settings.rememberedBundles(), bundleIndex);
        this.decisions = new PartitionDecisions(partition.id(), decisionIndex);
        this.spills = new PartitionSpills(partition.id(), spillIndex);
        this.branches = new PartitionBranches(partition.id(), branchIndex);
        this.index = index;
        this.onServing = onServing;
    }

    @Override
    public byte tag() {
        return DeliveryRecords.TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        DeliveryRecords.read(record, visitor);
    }

    /** An unconsumed message is never deleted by age: also not one sent to a queue that nobody has received from yet. */
    @Override
    public long retentionFloor(TopicConfig config) {
        long floor = config.isQueue() && find(GroupKey.ofQueue(partition.id().topic())) == null
                ? 0
                : spills.stable(Long.MAX_VALUE - 1);
        for (DeliveryGroup group : groups.values()) {
            if (group.key().isDurable() || partition.isTemporary()) {
                floor = Math.min(floor, group.engine().lowWatermark());
            }
        }
        return floor;
    }

    @Override
    public void onServing() {
        if (partition.isTemporary() && partition.config().isQueue()) {
            var unused = ensure(GroupKey.ofQueue(partition.id().topic()), partition.startOffset());
        }
        long highWatermark = partition.lastStableOffset();
        for (DeliveryGroup group : groups.values()) {
            group.confirm();
            group.onHighWatermark(highWatermark);
        }
        index.replace(partition.id(), subscriptions.values());
        branches.onServing();
        decisions.onServing();
        spills.onServing();
        serving = true;
        onServing.accept(partition);
    }

    /** JMS consumers read committed records only (design, section 5): what is undecided waits, and all behind it. */
    @Override
    public void onHighWatermark(long highWatermark) {
        long stable = partition.lastStableOffset();
        groups.values().forEach(group -> group.onHighWatermark(stable));
        spills.onHighWatermark(highWatermark);
    }

    /** A committed transaction is not seen before all of it is here. */
    @Override
    public long stable(long highWatermark) {
        return spills.stable(highWatermark);
    }

    @Override
    public void onLost() {
        BrokerException cause = new BrokerException(
                Code.NOT_LEADER,
                "Partition " + partition.id() + " is not served by this broker now; look its leader up again");
        groups.values().forEach(group -> group.onLost(cause));
        groups.clear();
        byName.clear();
        bundles.clear();
        branches.clear();
        decisions.clear();
        spills.clear();
    }

    BundleOutcomes bundles() {
        return bundles;
    }

    PartitionSpills spills() {
        return spills;
    }

    PartitionDecisions decisions() {
        return decisions;
    }

    PartitionBranches branches() {
        return branches;
    }

    Collection<DeliveryGroup> groups() {
        return List.copyOf(groups.values());
    }

    /** The group. Fails with {@code NOT_LEADER} when a change of ownership has ended it. */
    DeliveryGroup group(GroupKey key) {
        DeliveryGroup group = byName.get(key.reservedName());
        if (group == null) {
            throw new BrokerException(
                    Code.NOT_LEADER,
                    "Partition " + partition.id() + " was taken up anew and has no group " + key.reservedName()
                            + " any more; subscribe again");
        }
        return group;
    }

    @Nullable
    DeliveryGroup find(GroupKey key) {
        return byName.get(key.reservedName());
    }

    /** Makes a group where there is none; completes when it is durable. */
    CompletableFuture<Void> ensure(GroupKey key, long startOffset) {
        if (!isStored(key)) {
            byName.computeIfAbsent(key.reservedName(), name -> newGroup(--lastMemoryId, key, startOffset));
            return CompletableFuture.completedFuture(null);
        }
        if (byName.containsKey(key.reservedName())) {
            // Perhaps not durable yet: an empty append would not wait for it, the record once more does no harm.
            DeliveryGroup group = group(key);
            return group.isConfirmed()
                    ? CompletableFuture.completedFuture(null)
                    : confirm(
                            group,
                            DeliveryRecords.acquired(group.id(), group.engine().acquiredMark()));
        }
        StateRecord created = DeliveryRecords.groupCreated(lastDurableId + 1, key, startOffset);
        CompletableFuture<?> appended = writeDurable(List.of(created));
        return appended.thenRun(() -> confirm(key));
    }

    private CompletableFuture<Void> confirm(DeliveryGroup group, StateRecord again) {
        return writeDurable(List.of(again)).thenRun(group::confirm);
    }

    private void confirm(GroupKey key) {
        DeliveryGroup group = byName.get(key.reservedName());
        if (group != null) {
            group.confirm();
        }
    }

    /** The records that make a durable subscription; to be appended at once. */
    List<StateRecord> creation(SubscriptionSpec spec, long startOffset) {
        int id = lastDurableId + 1;
        return List.of(
                DeliveryRecords.groupCreated(id, spec.key(), startOffset), DeliveryRecords.subscription(id, spec));
    }

    /** Tells a group whose creation is durable. */
    void confirmCreated(GroupKey key) {
        confirm(key);
    }

    /** Drops the group if nobody can use it any more. */
    void dropIfOver(DeliveryGroup group) {
        if (group.isOver()) {
            groups.remove(group.id());
            byName.remove(group.key().reservedName());
            group.onLost(new IllegalStateException("group " + group.key() + " has no member any more"));
        }
    }

    /** Whether a group's state is written; on a partition in memory nothing outlives it. */
    private boolean isStored(GroupKey key) {
        return key.isDurable() && !partition.isTemporary();
    }

    private DeliveryGroup newGroup(int id, GroupKey key, long startOffset) {
        DeliveryGroup group = new DeliveryGroup(
                partition,
                id,
                key,
                startOffset,
                this::nextLease,
                settings,
                lookAhead,
                new JmsRules(key.kind(), this::policy),
                this::policy,
                deadLetters,
                isStored(key) ? this::writeDurable : this::writeMemory);
        groups.put(id, group);
        if (partition.isServing()) {
            group.onHighWatermark(partition.lastStableOffset());
        }
        return group;
    }

    private RedeliveryPolicy policy() {
        return RedeliveryPolicy.of(partition.id().topic(), partition.config());
    }

    private long nextLease() {
        LeaseNumbers numbers = leases;
        if (numbers == null) {
            numbers = new LeaseNumbers(partition.leaderEpoch());
            leases = numbers;
        }
        return numbers.next();
    }

    private CompletableFuture<?> writeDurable(List<StateRecord> records) {
        return writeDurable(records, Urgency.AWAITED);
    }

    private CompletableFuture<?> writeDurable(List<StateRecord> records, Urgency urgency) {
        if (records.isEmpty()) {
            return CompletableFuture.completedFuture(null);
        }
        CompletableFuture<?> appended = partition.append(Append.ofState(records, urgency));
        Completions.whenDone(appended, (done, failure) -> {
            if (failure != null) {
                LOG.debug("Delivery state of {} was not stored: {}", partition.id(), failure.toString());
            }
        });
        return appended;
    }

    private CompletableFuture<?> writeMemory(List<StateRecord> records, Urgency urgency) {
        for (StateRecord record : records) {
            replay(record.payload());
            record.payload().release();
        }
        return CompletableFuture.completedFuture(null);
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        List<BranchSettlement.Settling> stored = new ArrayList<>();
        for (DeliveryGroup group : groups.values()) {
            if (isStored(group.key())) {
                stored.add(BranchSettlement.Settling.of(group));
                DeliverySnapshot.write(
                        group.id(),
                        group.key(),
                        subscriptions.get(group.id()),
                        group.isPaused(),
                        group.engine(),
                        writer);
            }
        }
        bundles.all().forEach((id, offsets) -> writer.accept(DeliveryRecords.bundle(id, offsets)));
        DeliverySnapshot.write(branches, stored, writer);
        decisions.all().forEach((bundle, of) -> writer.accept(BranchRecords.decided(bundle, of)));
        spills.all().forEach(committed -> writer.accept(BranchRecords.applying(committed)));
    }

    /** Takes records in; those of unknown groups belong to groups that were in memory or were removed. */
    private final class RecordVisitor implements DeliveryRecords.Visitor {
        @Override
        public void onGroupCreated(int id, GroupKey key, long startOffset) {
            lastDurableId = Math.max(lastDurableId, id);
            byName.put(key.reservedName(), newGroup(id, key, startOffset));
        }

        @Override
        public void onGroupRemoved(int id) {
            DeliveryGroup removed = groups.remove(id);
            subscriptions.remove(id);
            if (removed != null) {
                byName.remove(removed.key().reservedName());
                if (serving) {
                    index.remove(partition.id(), removed.key());
                }
                removed.onLost(new DeliveryException(
                        ErrorCode.INVALID_DESTINATION,
                        "The subscription " + removed.key().name() + " was deleted; make a consumer anew"));
            }
        }

        @Override
        public void onSubscription(int id, @Nullable String selector, boolean noLocal, long generation) {
            DeliveryGroup group = groups.get(id);
            if (group != null) {
                SubscriptionSpec spec = new SubscriptionSpec(group.key(), selector, noLocal, generation);
                subscriptions.put(id, spec);
                if (serving) {
                    index.add(partition.id(), spec);
                }
            }
        }

        @Override
        public void onAcquired(int id, long mark) {
            with(id, engine -> engine.replayAcquired(mark));
        }

        @Override
        public void onAcquired(int id, long first, long last) {
            with(id, engine -> engine.replayAcquired(first, last));
        }

        @Override
        public void onPaused(int id, boolean paused) {
            DeliveryGroup group = groups.get(id);
            if (group != null) {
                group.replayPaused(paused);
            }
        }

        @Override
        public void onReset(int id, long startOffset) {
            DeliveryGroup group = groups.get(id);
            if (group != null) {
                group.replayReset(startOffset);
            }
        }

        @Override
        public void onDelayed(int id, long first, long last, long wakeMs) {
            with(id, engine -> engine.replayDelayed(first, last, wakeMs));
        }

        @Override
        public void onDoomed(int id, long first, long last, Death death) {
            with(id, engine -> engine.replayDoomed(first, last, death));
        }

        @Override
        public void onFinal(int id, long first, long last) {
            with(id, engine -> engine.replayFinal(first, last));
        }

        @Override
        public void onReceived(int id, long first, long last, int deliveryCount) {
            with(id, engine -> engine.replayReceived(first, last, deliveryCount));
        }

        @Override
        public void onBundle(UUID id, List<Long> baseOffsets) {
            bundles.add(id, baseOffsets);
        }

        @Override
        public void onPrepared(PreparedBranch part) {
            branches.put(part);
        }

        @Override
        public void onPinned(
                int id,
                BranchId branch,
                AckType type,
                long first,
                long last,
                int deliveryCount,
                @Nullable String messageGroup) {
            Holder holder = branches.holder(branch, type);
            with(id, engine -> engine.replayPinned(holder, first, last, deliveryCount, messageGroup));
        }

        @Override
        public void onEnded(BranchId branch, ListBranches.@Nullable State heuristic) {
            branches.unpin(
                    branch, groups.values().stream().map(DeliveryGroup::engine).toList());
            branches.end(branch, heuristic);
        }

        @Override
        public void onDecided(UUID bundle, List<Commit.Participant> participants) {
            decisions.put(bundle, participants);
        }

        @Override
        public void onForgotten(UUID bundle) {
            decisions.remove(bundle);
        }

        @Override
        public void onApplying(PartitionSpills.Applying committed) {
            spills.begin(committed);
        }

        @Override
        public void onApplied(UUID log, long next, long dataFirst, long dataEnd) {
            spills.applied(log, next, dataFirst, dataEnd);
        }

        private void with(int id, Consumer<GroupPartition> change) {
            DeliveryGroup group = groups.get(id);
            if (group != null) {
                change.accept(group.engine());
            }
        }
    }
}
