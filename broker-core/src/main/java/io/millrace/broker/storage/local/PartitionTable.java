// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The partitions of a store and their owners. Any thread; each slot is its own lock, held by pool threads only. */
final class PartitionTable {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionTable.class);

    private final StoreDirectory directory;
    private final Checkpoint checkpoint;
    private final FlushMode previousFlush;
    private final JournalBacklog backlog;
    private final Map<PartitionId, Slot> slots = new ConcurrentHashMap<>();

    PartitionTable(StoreDirectory directory, StoreRecovery.Outcome recovered) {
        this.directory = directory;
        this.checkpoint = recovered.checkpoint();
        this.previousFlush = recovered.previousFlush();
        this.backlog = recovered.backlog();
        recovered.partitions().forEach((key, files) -> {
            PartitionId id = files.meta().partition();
            slots.put(id, new Slot(id, files, recovered.recovered().containsKey(key)));
        });
    }

    Slot slot(PartitionId partition) {
        return slots.computeIfAbsent(partition, id -> new Slot(id, null, false));
    }

    /** The slots whose files may lack what the journal has, by name. */
    List<Slot> backlog() {
        return slots.values().stream()
                .filter(slot -> !slot.hasCaughtUp())
                .sorted(Comparator.comparing(slot -> slot.id))
                .toList();
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
                backlog.done(opened.key(), false);
                throw offline;
            }
            if (!open) {
                recover(opened);
                open = true;
            }
            return opened;
        }

        private void recover(PartitionFiles opened) throws IOException {
            List<JournalScan.Entry> entries = backlog.of(opened.key());
            try {
                opened.recover(checkpoint.position(opened.key()), previousFlush, false, entries);
            } catch (IOException failure) {
                opened.close();
                if (entries.isEmpty()) {
                    throw failure;
                }
                // The journal cannot be kept for it: what it holds is set aside.
                throw offline(opened, StorageErrors.of("recovering " + id, failure));
            } catch (StorageException damage) {
                opened.close();
                throw offline(opened, damage);
            }
            if (!entries.isEmpty()) {
                opened.markDirty();
                backlog.done(opened.key(), true);
            }
        }

        private StorageException offline(PartitionFiles opened, StorageException damage) throws IOException {
            LOG.error("{} goes offline: {}", id, damage.getMessage());
            opened.markOffline(damage);
            backlog.done(opened.key(), false);
            return damage;
        }

        /** Whether the files hold, or never will, what the journal of the last run had for them. */
        boolean hasCaughtUp() {
            PartitionFiles present = files;
            return present == null || backlog.of(present.key()).isEmpty();
        }

        /** The partition is deleted: it needs nothing of the journal any more. */
        void dropBacklog() {
            PartitionFiles present = files;
            if (present != null) {
                backlog.done(present.key(), true);
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
