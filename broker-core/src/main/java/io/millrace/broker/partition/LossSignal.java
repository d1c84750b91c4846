// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.storage.LogStore.LossListener;
import io.millrace.broker.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** Carries the store's news that a log is lost to the partition's owner, also when it comes before the log is open. */
final class LossSignal implements LossListener {
    private final Partition partition;
    private volatile @Nullable StorageException cause;
    private volatile @Nullable Serving serving;

    LossSignal(Partition partition) {
        this.partition = partition;
    }

    /** From now on a loss is handed on; one that came before is found by {@link #cause()}. */
    void bind(Serving opened) {
        serving = opened;
    }

    @Nullable
    StorageException cause() {
        return cause;
    }

    @Override
    public void onLost(StorageException lossCause) {
        cause = lossCause;
        Serving lost = serving;
        if (lost != null) {
            partition.execute(() -> partition.onLost(lost, lossCause));
        }
    }
}
