// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.InvalidBatchException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.PrimitiveIterator;

/**
 * Checks a client's batches, CRC included, and looks into their records, which takes decompressing: done on the network
 * thread, before the owner sees them, so that no later reader meets a broken record.
 */
public final class ClientRecords {
    private static final int MAX_DECOMPRESSED_BYTES = 256 << 20;

    private ClientRecords() {}

    /**
     * Fails with a coded exception at the first batch or record that is not right. Any thread.
     *
     * @param where what the batches are for, as the message names it
     */
    public static void validate(ByteBuf batches, Object where) {
        try {
            Batches.validate(batches);
            PrimitiveIterator.OfInt indexes = Batches.indexes(batches);
            while (indexes.hasNext()) {
                Batches.validateRecords(ByteBufAllocator.DEFAULT, batches, indexes.nextInt(), MAX_DECOMPRESSED_BYTES);
            }
        } catch (InvalidBatchException invalid) {
            throw BatchChecks.translate(invalid, where);
        }
    }
}
