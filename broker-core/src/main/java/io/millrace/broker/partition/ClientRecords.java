// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.BrokerException.RecordError;
import io.millrace.broker.record.PartitionId;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.InvalidBatchException;
import io.millrace.protocol.record.RecordView;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.function.Consumer;

/**
 * Checks a client's batches, CRC included, and looks into their records, which takes decompressing: done on the network
 * thread, before the owner sees them, so that no later reader meets a broken record.
 */
public final class ClientRecords {
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;

    /** A batch may hold many records; a client needs few of them to see what is wrong. */
    private static final int MAX_RECORD_ERRORS = 100;

    private ClientRecords() {}

    /**
     * Fails with a coded exception at the first batch or record that breaks the format. Any thread.
     *
     * @param where what the batches are for, as the message names it
     */
    public static void validate(ByteBuf batches, Object where) {
        validate(batches, where, view -> {});
    }

    /**
     * As {@link #validate(ByteBuf, Object)}, and by what the partition's topic asks of records: timestamps near enough,
     * keys where it is compacted. Such a failure names the records in {@link BrokerException#recordErrors()}.
     */
    public static void validate(ByteBuf batches, Partition partition) {
        Findings findings = new Findings(partition.rules(), partition.nowMs());
        validate(batches, partition.id(), findings);
        findings.failIfAny(partition.id());
    }

    private static void validate(ByteBuf batches, Object where, Consumer<RecordView> visitor) {
        try {
            Batches.validate(batches);
            PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
            while (indexes.hasNext()) {
                Batches.validateRecords(
                        ByteBufAllocator.DEFAULT, batches, indexes.nextInt(), MAX_DECOMPRESSED_BYTES, visitor);
            }
        } catch (InvalidBatchException invalid) {
            throw BatchChecks.translate(invalid, where);
        }
    }

    /** What is wrong with single records. */
    private static final class Findings implements Consumer<RecordView> {
        private final BatchRules rules;
        private final long nowMs;
        private final List<RecordError> errors = new ArrayList<>();
        private int index;
        private boolean keyMissing;

        Findings(BatchRules rules, long nowMs) {
            this.rules = rules;
            this.nowMs = nowMs;
        }

        @Override
        public void accept(RecordView view) {
            if (rules.keysNeeded() && view.key() == null) {
                keyMissing = true;
                add("has no key; a compacted topic needs one");
            } else if (!rules.takes(view.timestampMs(), nowMs)) {
                add("has timestamp " + view.timestampMs() + ", out of the topic's bounds around the broker's time "
                        + nowMs);
            }
            index++;
        }

        private void add(String what) {
            if (errors.size() < MAX_RECORD_ERRORS) {
                errors.add(new RecordError(index, "Record " + index + " " + what));
            }
        }

        void failIfAny(PartitionId where) {
            if (!errors.isEmpty()) {
                throw new BrokerException(
                        keyMissing ? Code.INVALID_RECORD : Code.INVALID_TIMESTAMP,
                        "For " + where + ": " + errors.get(0).message() + "; nothing was appended",
                        errors);
            }
        }
    }
}
