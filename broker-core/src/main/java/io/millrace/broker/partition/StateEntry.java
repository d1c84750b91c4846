// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;

/**
 * The envelope of one entry in the STATE stream.
 *
 * <pre>
 *  0        1        2                 10
 *  +--------+--------+-----------------+----------------------------------+
 *  | int8   | int8   | int64           | records: int32 length,           |
 *  | version| flags  | data end        |   int8 tag, payload (length - 1) |
 *  +--------+--------+-----------------+----------------------------------+
 * </pre>
 *
 * The data end is one above the last DATA offset the records know of: an entry that names data a crash has cut is cut
 * with it. A snapshot (flag 1) replaces all before it and is never cut.
 */
final class StateEntry {
    private static final byte VERSION = 0;
    private static final byte SNAPSHOT = 1;
    private static final int HEADER_BYTES = 10;
    private static final int RECORD_HEADER_BYTES = 5;

    private StateEntry() {}

    /** The records in one entry; releases their payloads. */
    static ByteBuf encode(List<StateRecord> records, long dataEnd, boolean snapshot) {
        int size = HEADER_BYTES;
        for (StateRecord record : records) {
            size = Math.addExact(size, RECORD_HEADER_BYTES + record.payload().readableBytes());
        }
        ByteBuf entry = PooledByteBufAllocator.DEFAULT.directBuffer(size);
        entry.writeByte(VERSION).writeByte(snapshot ? SNAPSHOT : 0).writeLong(dataEnd);
        for (StateRecord record : records) {
            ByteBuf payload = record.payload();
            entry.writeInt(1 + payload.readableBytes()).writeByte(record.tag());
            entry.writeBytes(payload, payload.readerIndex(), payload.readableBytes());
            payload.release();
        }
        return entry;
    }

    static boolean isSnapshot(ByteBuf entry) {
        checkHeader(entry);
        return (entry.getByte(entry.readerIndex() + 1) & SNAPSHOT) != 0;
    }

    static long dataEnd(ByteBuf entry) {
        checkHeader(entry);
        return entry.getLong(entry.readerIndex() + 2);
    }

    /** Hands each record to {@code reader}; the entry's reader index is left alone. */
    static void forEach(ByteBuf entry, RecordReader reader) {
        checkHeader(entry);
        ByteBuf records = entry.slice(entry.readerIndex() + HEADER_BYTES, entry.readableBytes() - HEADER_BYTES);
        while (records.isReadable()) {
            if (records.readableBytes() < RECORD_HEADER_BYTES) {
                throw corrupt("a record header of " + records.readableBytes() + " bytes");
            }
            int length = records.readInt();
            if (length < 1 || length > records.readableBytes()) {
                throw corrupt("a record length of " + length + " with " + records.readableBytes() + " bytes left");
            }
            byte tag = records.readByte();
            reader.onRecord(tag, records.readSlice(length - 1));
        }
    }

    private static void checkHeader(ByteBuf entry) {
        if (entry.readableBytes() < HEADER_BYTES) {
            throw corrupt("only " + entry.readableBytes() + " bytes");
        }
        byte version = entry.getByte(entry.readerIndex());
        if (version != VERSION) {
            throw corrupt("version " + version + "; it was written by a newer broker");
        }
    }

    private static BrokerException corrupt(String what) {
        return new BrokerException(BrokerException.Code.STORAGE_FAILED, "A STATE entry cannot be read: it has " + what);
    }

    /** Takes one record; the payload is valid during the call. */
    @FunctionalInterface
    interface RecordReader {
        void onRecord(byte tag, ByteBuf payload);
    }
}
