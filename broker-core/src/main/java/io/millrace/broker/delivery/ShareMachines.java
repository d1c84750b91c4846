// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.GroupConfigs;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateMachineFactory;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.time.BrokerClock;
import org.jspecify.annotations.Nullable;

/** Makes the share groups' state of each partition but those of internal topics. Safe for any thread. */
public final class ShareMachines implements StateMachineFactory {
    private final GroupConfigs configs;
    private final BrokerClock clock;

    public ShareMachines(GroupConfigs configs, BrokerClock clock) {
        this.configs = configs;
        this.clock = clock;
    }

    @Override
    public @Nullable StateMachine create(Partition partition) {
        return ReservedNames.isInternalTopic(partition.id().topic())
                ? null
                : new ShareMachine(partition, configs, clock);
    }
}
