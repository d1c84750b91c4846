// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * The last offset of each key in part of a log, in a fixed piece of memory: an open hash table of 24 bytes a key (128
 * bits of the key's SHA-256, the offset). Two keys are taken for one with a chance that does not count. For one thread.
 */
final class OffsetMap {
    private static final int LONGS_PER_SLOT = 3;
    private static final int BYTES_PER_SLOT = LONGS_PER_SLOT * Long.BYTES;
    private static final int MIN_SLOTS = 16;

    private final MessageDigest digest = sha256();
    private final long[] table;
    private final int slots;
    private final int maxKeys;
    private int keys;
    private long hashHigh;
    private long hashLow;

    /** @param bytes memory it takes about, at least what a few keys need */
    OffsetMap(long bytes) {
        slots = (int) Math.max(MIN_SLOTS, Math.min(Integer.MAX_VALUE / LONGS_PER_SLOT, bytes / BYTES_PER_SLOT));
        table = new long[slots * LONGS_PER_SLOT];
        maxKeys = slots - slots / 4;
    }

    /** Whether another key may not find room. */
    boolean isFull() {
        return keys >= maxKeys;
    }

    int size() {
        return keys;
    }

    /** Takes the offset in as the key's last; offsets ascend. The map must not be full. */
    void put(ByteBuf key, long offset) {
        int at = slotOf(key) * LONGS_PER_SLOT;
        if (table[at + 2] == 0) {
            if (isFull()) {
                throw new IllegalStateException("the offset map is full with " + keys + " keys");
            }
            keys++;
            table[at] = hashHigh;
            table[at + 1] = hashLow;
        }
        table[at + 2] = offset + 1;
    }

    /** The key's last offset, -1 when it is not in here. */
    long lastOffset(ByteBuf key) {
        return table[slotOf(key) * LONGS_PER_SLOT + 2] - 1;
    }

    /** The slot that holds the key, or the free one where it belongs. */
    private int slotOf(ByteBuf key) {
        digest.update(key.nioBuffer());
        byte[] hash = digest.digest();
        hashHigh = longOf(hash, 0);
        hashLow = longOf(hash, Long.BYTES);
        int slot = (int) Long.remainderUnsigned(hashLow, slots);
        while (table[slot * LONGS_PER_SLOT + 2] != 0
                && !(table[slot * LONGS_PER_SLOT] == hashHigh && table[slot * LONGS_PER_SLOT + 1] == hashLow)) {
            slot = slot + 1 == slots ? 0 : slot + 1;
        }
        return slot;
    }

    private static long longOf(byte[] bytes, int from) {
        long value = 0;
        for (int i = from; i < from + Long.BYTES; i++) {
            value = value << 8 | (bytes[i] & 0xff);
        }
        return value;
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every Java platform has SHA-256", impossible);
        }
    }
}
