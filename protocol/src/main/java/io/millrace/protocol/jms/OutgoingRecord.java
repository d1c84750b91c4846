// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.record.RecordHeader;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A record as it goes into a batch. The arrays are shared, not copied: do not change them. */
public final class OutgoingRecord {
    private final long timestampMs;
    private final byte @Nullable [] key;
    private final byte @Nullable [] value;
    private final List<RecordHeader> headers;

    OutgoingRecord(long timestampMs, byte @Nullable [] key, byte @Nullable [] value, List<RecordHeader> headers) {
        this.timestampMs = timestampMs;
        this.key = key;
        this.value = value;
        this.headers = List.copyOf(headers);
    }

    /** Milliseconds since the epoch. */
    public long timestampMs() {
        return timestampMs;
    }

    public byte @Nullable [] key() {
        return key;
    }

    public byte @Nullable [] value() {
        return value;
    }

    public List<RecordHeader> headers() {
        return headers;
    }
}
