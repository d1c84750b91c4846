// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import java.util.UUID;

/**
 * What a transaction sends to one partition, where its batches lie in a log of their own and not in memory
 * (docs/decisions/0025-large-transactions.md).
 *
 * @param log names the log
 * @param end one above its last offset; the first is 0
 * @param bytes what its batches take on the disk
 * @param messages how many they hold
 */
record Spilled(UUID log, long end, long bytes, int messages) {

    PartitionId logId() {
        return logId(log);
    }

    static PartitionId logId(UUID log) {
        return new PartitionId(log, ReservedNames.SPILLED_LOGS, 0);
    }
}
