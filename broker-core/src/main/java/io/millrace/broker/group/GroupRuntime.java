// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.cluster.ClusterView;
import io.millrace.broker.config.GroupSettings;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateRecord;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What a {@link GroupShard} needs of its partition and the cluster. Called on the owner loop. */
interface GroupRuntime {
    /**
     * Appends records to the STATE stream, atomically, and replays them before it returns.
     *
     * @return completes on the owner loop when they are durable, in the order of the appends
     */
    CompletableFuture<?> append(List<StateRecord> records);

    /** Runs {@code task} on the owner loop in {@code delayMs} milliseconds. */
    OwnerLoop.Timer schedule(Runnable task, long delayMs);

    /** The last picture of the cluster that is known to be of this one; empty before there was any. */
    ClusterView topics();

    /** The settings that a group goes by at present. */
    GroupSettings settings(String groupId);
}
