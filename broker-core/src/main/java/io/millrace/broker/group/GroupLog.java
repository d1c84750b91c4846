// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.partition.StateRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The STATE stream that a {@link GroupShard} writes to. Called on the owner loop. */
@FunctionalInterface
interface GroupLog {
    /**
     * Appends records, atomically, and replays them before it returns.
     *
     * @return completes when they are durable, in the order of the appends
     */
    CompletableFuture<Void> append(List<StateRecord> records);
}
