// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/**
 * Brings a partition's streams up to the journal at recovery. Whatever is unsound in the files must have been in the
 * journal, since a journal file is used again only after a sync of all it covers; else the files are damaged.
 */
final class PartitionReplay {
    private static final int STAGING_BYTES = 64 << 10;

    private final DataStream data;
    private final StateStream state;

    PartitionReplay(DataStream data, StateStream state) {
        this.data = data;
        this.state = state;
    }

    void replay(List<JournalScan.Entry> entries) throws IOException {
        if (data.damage() != null) {
            require(entries, this::continuesData, data.damageException());
            data.cutDamage();
        }
        if (state.damage() != null) {
            require(entries, this::continuesState, state.damageException());
            state.cutDamage();
        }
        if (entries.isEmpty()) {
            return;
        }
        WriteStaging staging = new WriteStaging(STAGING_BYTES);
        for (JournalScan.Entry entry : entries) {
            replay(entry, staging);
        }
        staging.flush();
        data.publish();
    }

    private static void require(
            List<JournalScan.Entry> entries, Predicate<JournalScan.Entry> continues, RuntimeException damage) {
        if (entries.stream().noneMatch(continues)) {
            throw damage;
        }
    }

    private boolean continuesData(JournalScan.Entry entry) {
        return hasNewData(entry) && entry.previousEnd() <= data.endOffset();
    }

    private boolean hasNewData(JournalScan.Entry entry) {
        return entry.dataLength() > 0 && entry.lastOffset() >= data.endOffset();
    }

    private boolean continuesState(JournalScan.Entry entry) {
        return hasNewState(entry) && (entry.stateOrdinal() == state.nextOrdinal() || entry.snapshot());
    }

    private boolean hasNewState(JournalScan.Entry entry) {
        return entry.stateLength() >= 0 && entry.stateOrdinal() >= state.nextOrdinal();
    }

    private void replay(JournalScan.Entry entry, WriteStaging staging) throws IOException {
        if (hasNewData(entry)) {
            if (!continuesData(entry)) {
                throw gap(entry, "offset " + entry.previousEnd(), "offset " + data.endOffset());
            }
            ByteBuf bytes = entry.readData();
            data.append(staging, bytes, data.endOffset());
        }
        if (hasNewState(entry)) {
            if (!continuesState(entry)) {
                throw gap(entry, "state entry " + entry.stateOrdinal(), "state entry " + state.nextOrdinal());
            }
            ByteBuf bytes = entry.readState();
            state.append(staging, bytes, entry.stateOrdinal(), entry.dataEnd(), entry.snapshot());
        }
    }

    private static StorageException gap(JournalScan.Entry entry, String journal, String files) {
        return StorageErrors.corrupt(
                entry.file().path(),
                entry.dataPosition(),
                "the journal goes on at " + journal + ", the partition's files end before " + files);
    }
}
