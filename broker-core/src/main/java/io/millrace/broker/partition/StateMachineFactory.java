// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import org.jspecify.annotations.Nullable;

/** Makes the state machines of a kind, one for each acquisition of a partition. */
@FunctionalInterface
public interface StateMachineFactory {
    /**
     * A fresh machine for {@code partition}, or {@code null} when this kind has no state there. Called on a recovery
     * thread, which also replays the machine before the partition's owner loop takes it over.
     */
    @Nullable
    StateMachine create(Partition partition);
}
