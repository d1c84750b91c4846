// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The partitions of a store and their owners. Any thread; each slot is its own lock, held by pool threads only. */
final class PartitionTable {
    private final StoreDirectory directory;
    private final Checkpoint checkpoint;
    private final FlushMode previousFlush;
    private final Map<PartitionId, Slot> slots = new ConcurrentHashMap<>();

    PartitionTable(StoreDirectory directory, StoreRecovery.Outcome recovered) {
        this.directory = directory;
        this.checkpoint = recovered.checkpoint();
        this.previousFlush = recovered.previousFlush();
        recovered.partitions().forEach((key, files) -> {
            PartitionId id = files.meta().partition();
            slots.put(id, new Slot(id, files, recovered.recovered().containsKey(key)));
        });
    }

    Slot slot(PartitionId partition) {
        return slots.computeIfAbsent(partition, id -> new Slot(id, null, false));
    }

    @Nullable
    Slot remove(PartitionId partition) {
        return slots.remove(partition);
    }

    List<PartitionId> partitions() {
        List<PartitionId> existing = new ArrayList<>();
        slots.forEach((id, slot) -> {
            if (slot.files() != null) {
                existing.add(id);
            }
        });
        return existing;
    }

    List<LocalLog> owners() {
        List<LocalLog> owners = new ArrayList<>();
        for (Slot slot : slots.values()) {
            LocalLog owner = slot.owner();
            if (owner != null) {
                owners.add(owner);
            }
        }
        return owners;
    }

    /** Closes all files; the first failure. After the store's threads ended. */
    @Nullable
    IOException close() {
        IOException first = null;
        for (Slot slot : slots.values()) {
            try {
                slot.close();
            } catch (IOException failure) {
                first = first == null ? failure : first;
            }
        }
        return first;
    }

    /** One partition: its files once it exists, its owner while it has one. */
    final class Slot {
        private final PartitionId id;
        private volatile @Nullable PartitionFiles files;
        private volatile @Nullable LocalLog owner;
        private boolean open;

        private Slot(PartitionId id, @Nullable PartitionFiles files, boolean open) {
            this.id = id;
            this.files = files;
            this.open = open;
        }

        /** The partition's files, made or recovered where needed. */
        PartitionFiles open() throws IOException {
            PartitionFiles opened = files;
            if (opened == null) {
                opened = directory.createPartition(id);
                files = opened;
                open = true;
            }
            StorageException offline = opened.offlineReason();
            if (offline != null) {
                throw offline;
            }
            if (!open) {
                recover(opened);
                open = true;
            }
            return opened;
        }

        private void recover(PartitionFiles opened) throws IOException {
            try {
                opened.recover(checkpoint.position(opened.key()), previousFlush, false, List.of());
            } catch (StorageException damage) {
                opened.close();
                opened.markOffline(damage);
                throw damage;
            } catch (IOException failure) {
                opened.close();
                throw failure;
            }
        }

        @Nullable
        PartitionFiles files() {
            return files;
        }

        @Nullable
        LocalLog owner() {
            return owner;
        }

        void owner(@Nullable LocalLog newOwner) {
            owner = newOwner;
        }

        private void close() throws IOException {
            PartitionFiles opened = files;
            if (open && opened != null && !opened.deleted()) {
                opened.close();
            }
        }
    }
}
