// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.BatchLayout;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** CRC-32C over Netty buffers. */
final class Checksums {
    private Checksums() {}

    static void update(CRC32C crc, ByteBuf buffer, int index, int length) {
        if (length == 0) {
            return;
        }
        if (buffer.hasArray()) {
            crc.update(buffer.array(), buffer.arrayOffset() + index, length);
            return;
        }
        if (buffer.nioBufferCount() == 1) {
            crc.update(buffer.nioBuffer(index, length));
            return;
        }
        for (ByteBuffer part : buffer.nioBuffers(index, length)) {
            crc.update(part);
        }
    }

    static int of(ByteBuf buffer, int index, int length) {
        CRC32C crc = new CRC32C();
        update(crc, buffer, index, length);
        return (int) crc.getValue();
    }

    /**
     * Over what a segment says of a batch, and the batch's header: the bytes that its own CRC leaves out, that CRC, and
     * what is used of a batch without checking its body (last offset, largest timestamp).
     */
    static int ofBatchHeader(long stateEnd, long previousEnd, ByteBuf buffer, int batchIndex) {
        byte[] bytes = new byte[2 * Long.BYTES + BatchLayout.MIN_SIZE];
        put(bytes, 0, stateEnd);
        put(bytes, Long.BYTES, previousEnd);
        buffer.getBytes(batchIndex, bytes, 2 * Long.BYTES, BatchLayout.MIN_SIZE);
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, bytes.length);
        return (int) crc.getValue();
    }

    private static void put(byte[] bytes, int at, long value) {
        for (int i = 0; i < Long.BYTES; i++) {
            bytes[at + i] = (byte) (value >>> (Byte.SIZE * (Long.BYTES - 1 - i)));
        }
    }

    /** Whether the batch's own CRC fits; the header was checked before. */
    static boolean batchIsIntact(ByteBuf buffer, int batchIndex, int size) {
        return of(buffer, batchIndex + BatchLayout.CRC_END, size - BatchLayout.CRC_END)
                == BatchLayout.crc(buffer, batchIndex);
    }
}
