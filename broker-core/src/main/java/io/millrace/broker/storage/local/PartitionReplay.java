// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.millrace.broker.storage.StorageException;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a partition's streams up to the journal at recovery. Whatever is unsound in the files must have been in the
 * journal, since a journal file is used again only after a sync of all it covers; else the files are damaged.
 */
final class PartitionReplay {
    private static final Logger LOG = LoggerFactory.getLogger(PartitionReplay.class);
    private static final int STAGING_BYTES = 64 << 10;

    private final List<JournalScan.Entry> entries;
    private final StateStream state;
    private final FlushMode flush;

    PartitionReplay(List<JournalScan.Entry> entries, StateStream state, FlushMode flush) {
        this.flush = flush;
        this.entries = entries;
        this.state = state;
    }

    /** Whether the journal has data that ends in this range of offsets. */
    boolean hasData(long from, long to) {
        return entries.stream()
                .anyMatch(entry -> entry.dataLength() > 0 && entry.lastOffset() >= from && entry.lastOffset() < to);
    }

    /** Cuts what is unsound and was in the journal; fails on what was not. */
    void cut(DataRecovery data) throws IOException {
        if (data.damage() != null) {
            require(entry -> continuesData(entry, data.endOffset()), data.damageException());
            data.cutDamage();
        }
        if (state.damage() != null) {
            require(this::continuesState, state.damageException());
            state.cutDamage();
        }
    }

    private void require(Predicate<JournalScan.Entry> continues, RuntimeException damage) {
        if (entries.stream().filter(JournalScan.Entry::sound).noneMatch(continues)) {
            throw damage;
        }
    }

    /**
     * Writes what the files lack; true when all of it joined on.
     *
     * @param epochs takes the leader epochs of what is written
     */
    boolean replay(DataStream data, EpochStarts epochs) throws IOException {
        if (entries.isEmpty() || (flush == FlushMode.COMMIT && !hasNew(data.endOffset()))) {
            return true;
        }
        boolean whole = true;
        WriteStaging staging = new WriteStaging(STAGING_BYTES);
        for (JournalScan.Entry entry : entries) {
            if (flush == FlushMode.OS && !joinsOn(entry, data.endOffset())) {
                LOG.warn(
                        "The journal's entries from {} on are dropped: the machine's crash lost what came before",
                        entry.file().path());
                whole = false;
                break;
            }
            replay(entry, data, staging, epochs);
        }
        staging.flush();
        data.publish();
        return whole;
    }

    /** Whether the files lack anything: after a crash of the process alone they hardly ever do. */
    private boolean hasNew(long end) {
        for (JournalScan.Entry entry : entries) {
            if (hasNewData(entry, end) || hasNewState(entry)) {
                return true;
            }
        }
        return false;
    }

    /** Whether both streams are just where they were before the entry's append, or hold it already. */
    private boolean joinsOn(JournalScan.Entry entry, long end) {
        long statesBefore = entry.stateLength() < 0 ? entry.stateEnd() : entry.stateEnd() - 1;
        boolean known = !hasNewData(entry, end) && !hasNewState(entry);
        return known || (entry.sound() && entry.previousEnd() == end && statesBefore == state.nextOrdinal());
    }

    private void replay(JournalScan.Entry entry, DataStream data, WriteStaging staging, EpochStarts epochs)
            throws IOException {
        if (!entry.sound() && (hasNewData(entry, data.endOffset()) || hasNewState(entry))) {
            throw StorageErrors.corrupt(
                    entry.file().path(),
                    entry.dataPosition(),
                    "an append of this partition does not fit its CRC, and the partition's files lack it");
        }
        if (hasNewData(entry, data.endOffset())) {
            if (!continuesData(entry, data.endOffset())) {
                throw gap(entry, "offset " + entry.previousEnd(), "offset " + data.endOffset());
            }
            ByteBuf bytes = entry.readData();
            for (int at = bytes.readerIndex(); at < bytes.writerIndex(); at += BatchLayout.size(bytes, at)) {
                epochs.see(BatchLayout.leaderEpoch(bytes, at), BatchLayout.baseOffset(bytes, at));
            }
            data.append(staging, bytes, data.endOffset(), entry.stateEnd());
        }
        if (hasNewState(entry)) {
            if (!continuesState(entry)) {
                throw gap(entry, "state entry " + entry.stateOrdinal(), "state entry " + state.nextOrdinal());
            }
            ByteBuf bytes = entry.readState();
            state.append(staging, bytes, entry.stateOrdinal(), entry.dataEnd(), entry.snapshot());
        }
    }

    private static boolean continuesData(JournalScan.Entry entry, long end) {
        return hasNewData(entry, end) && entry.previousEnd() <= end;
    }

    private static boolean hasNewData(JournalScan.Entry entry, long end) {
        return entry.dataLength() > 0 && entry.lastOffset() >= end;
    }

    private boolean continuesState(JournalScan.Entry entry) {
        return hasNewState(entry) && (entry.stateOrdinal() == state.nextOrdinal() || entry.snapshot());
    }

    private boolean hasNewState(JournalScan.Entry entry) {
        return entry.stateLength() >= 0 && entry.stateOrdinal() >= state.nextOrdinal();
    }

    private static StorageException gap(JournalScan.Entry entry, String journal, String files) {
        return StorageErrors.corrupt(
                entry.file().path(),
                entry.dataPosition(),
                "the journal goes on at " + journal + ", the partition's files end before " + files);
    }
}
