// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Whole batches for {@link PartitionLog#replace}, pulled by a thread of the store, which may block in it. */
@FunctionalInterface
public interface SegmentContent {
    /** The next batches, ascending, or {@code null} at the end. The store releases each. */
    @Nullable
    ByteBuf next() throws IOException;
}
