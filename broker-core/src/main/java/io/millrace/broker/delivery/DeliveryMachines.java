// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateMachineFactory;
import io.millrace.broker.record.ReservedNames;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Makes the delivery state of each partition but those of internal topics. Safe for any thread. */
public final class DeliveryMachines implements StateMachineFactory {
    private final DeliverySettings settings;
    private final LookAheadBudget lookAhead;
    private final BundleIndex bundles = new BundleIndex();
    private final BranchIndex branches = new BranchIndex();
    private final DecisionIndex decisions = new DecisionIndex();
    private final SpillIndex spills = new SpillIndex();
    private final SubscriptionIndex subscriptions = new SubscriptionIndex();
    private volatile Consumer<Partition> onServing = partition -> {};
    private volatile @Nullable DeadLetters deadLetters;

    public DeliveryMachines(DeliverySettings settings) {
        this.settings = settings;
        this.lookAhead = new LookAheadBudget(settings.lookAheadTotalBytes());
    }

    @Override
    public @Nullable StateMachine create(Partition partition) {
        if (ReservedNames.isInternalTopic(partition.id().topic())) {
            return null;
        }
        return new DeliveryMachine(
                partition,
                settings,
                lookAhead,
                bundles,
                branches,
                decisions,
                spills,
                subscriptions,
                onServing,
                this::deadLetters);
    }

    /** Hears, on the partition's loop, of each partition that serves from now on. Set before partitions open. */
    void whenServing(Consumer<Partition> listener) {
        onServing = listener;
    }

    SubscriptionIndex subscriptions() {
        return subscriptions;
    }

    /** Who moves dead letters; set before a partition opens. */
    void deadLetters(DeadLetters newDeadLetters) {
        deadLetters = newDeadLetters;
    }

    private DeadLetters deadLetters() {
        DeadLetters set = deadLetters;
        if (set == null) {
            throw new IllegalStateException("a partition opened before the broker's links were made");
        }
        return set;
    }

    LookAheadBudget lookAhead() {
        return lookAhead;
    }

    DeliverySettings settings() {
        return settings;
    }

    BundleIndex bundles() {
        return bundles;
    }

    BranchIndex branches() {
        return branches;
    }

    SpillIndex spills() {
        return spills;
    }

    DecisionIndex decisions() {
        return decisions;
    }

    /** Whether a partition has delivery state at all. */
    static boolean isIn(Partition partition) {
        return !ReservedNames.isInternalTopic(partition.id().topic());
    }

    static DeliveryMachine of(Partition partition) {
        return partition.machine(DeliveryMachine.class);
    }
}
