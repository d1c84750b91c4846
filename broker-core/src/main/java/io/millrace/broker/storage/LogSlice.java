// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.netty.buffer.ByteBuf;

/** Whole record batches read from a log. Pins what it was read from until {@link #close()}; close exactly once. */
public interface LogSlice extends AutoCloseable {
    /** The bytes, valid until {@link #close()}; retain them to keep them longer. Empty when nothing is there to read. */
    ByteBuf buffer();

    /** Number of bytes. */
    default int size() {
        return buffer().readableBytes();
    }

    @Override
    void close();
}
