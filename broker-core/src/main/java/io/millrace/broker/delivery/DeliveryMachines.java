// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateMachineFactory;
import io.millrace.broker.record.ReservedNames;
import org.jspecify.annotations.Nullable;

/** Makes the delivery state of each partition but those of internal topics. Safe for any thread. */
public final class DeliveryMachines implements StateMachineFactory {
    private final DeliverySettings settings;
    private final BundleIndex bundles = new BundleIndex();
    private volatile @Nullable DeadLetters deadLetters;

    public DeliveryMachines(DeliverySettings settings) {
        this.settings = settings;
    }

    @Override
    public @Nullable StateMachine create(Partition partition) {
        return ReservedNames.isInternalTopic(partition.id().topic())
                ? null
                : new DeliveryMachine(partition, settings, bundles, this::deadLetters);
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

    DeliverySettings settings() {
        return settings;
    }

    BundleIndex bundles() {
        return bundles;
    }

    static DeliveryMachine of(Partition partition) {
        return partition.machine(DeliveryMachine.class);
    }
}
