// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

/** How the records of a batch are compressed; the ordinal is the id in the batch's attributes. */
public enum CompressionCodec {
    NONE,
    GZIP,
    SNAPPY,
    LZ4,
    ZSTD;

    private static final CompressionCodec[] BY_ID = values();

    static CompressionCodec forId(int id) {
        if (id < 0 || id >= BY_ID.length) {
            throw new InvalidBatchException(
                    InvalidBatchException.Reason.UNSUPPORTED_COMPRESSION, "no compression codec has id " + id);
        }
        return BY_ID[id];
    }
}
