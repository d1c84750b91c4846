// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;

/** The partitions with files that were written since their last sync round, each once. Any thread adds. */
final class DirtyPartitions {
    private final Queue<PartitionFiles> dirty = new ConcurrentLinkedQueue<>();

    /** Of a partition that was clean. */
    void add(PartitionFiles files) {
        dirty.add(files);
    }

    boolean isEmpty() {
        return dirty.isEmpty();
    }

    void drain(Consumer<PartitionFiles> to) {
        PartitionFiles files = dirty.poll();
        while (files != null) {
            to.accept(files);
            files = dirty.poll();
        }
    }
}
