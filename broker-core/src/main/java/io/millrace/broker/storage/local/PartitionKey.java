// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import java.util.UUID;

/** What the journal and the checkpoint know a partition by: never used twice, unlike its topic's name. */
record PartitionKey(UUID topicId, int partition) {
    static PartitionKey of(PartitionId id) {
        return new PartitionKey(id.topicId(), id.partition());
    }

    @Override
    public String toString() {
        return topicId + "/" + partition;
    }
}
