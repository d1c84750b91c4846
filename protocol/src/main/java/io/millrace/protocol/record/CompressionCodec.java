// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

/** How the records of a batch are compressed. */
public enum CompressionCodec {
    NONE(0),
    GZIP(1),
    SNAPPY(2),
    LZ4(3),
    ZSTD(4);

    private static final CompressionCodec[] BY_ID = values();

    private final int id;

    CompressionCodec(int id) {
        this.id = id;
    }

    /** The id in the batch's attributes. */
    int id() {
        return id;
    }

    static CompressionCodec forId(int id) {
        if (id < 0 || id >= BY_ID.length) {
            throw new InvalidBatchException(
                    InvalidBatchException.Reason.UNSUPPORTED_COMPRESSION, "no compression codec has id " + id);
        }
        return BY_ID[id];
    }
}
