// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.record.PartitionId;
import java.util.Map;

/** Work over several partitions at once, which the calling thread holds exclusively during the call. */
@FunctionalInterface
public interface AtomicWork {
    /**
     * Computes the appends, of which the caller takes over the buffers. Throws a {@link BrokerException} to refuse: then
     * nothing happens anywhere. Must change nothing but by the appends it returns.
     *
     * @param held every partition asked for; each may be read and its machines consulted
     */
    Map<PartitionId, Append> compute(Map<PartitionId, Partition> held);
}
