// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.time.BrokerClock;

/**
 * What the files of all partitions of a store share.
 *
 * @param segments the open files of sealed segments
 * @param indexes the indexes of sealed segments
 * @param dirty what the next sync round has to sync
 */
record StoreTools(
        FileLayer files,
        LocalStoreOptions options,
        SegmentFiles segments,
        IndexCache indexes,
        DirtyPartitions dirty,
        BrokerClock clock) {
    private static final long INDEX_BYTES = 16 << 20;

    StoreTools(FileLayer files, LocalStoreOptions options, BrokerClock clock) {
        this(
                files,
                options,
                new SegmentFiles(files, options.openSegments()),
                new IndexCache(INDEX_BYTES),
                new DirtyPartitions(),
                clock);
    }
}
