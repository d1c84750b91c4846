// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One record, read from a batch or run. Its buffers are slices without references of their own: valid as long as the
 * {@link RecordReader} they came from is open and its buffer is not released. For one thread.
 */
public final class RecordView {
    private final long offset;
    private final long timestampMs;
    private final @Nullable ByteBuf key;
    private final @Nullable ByteBuf value;
    private final ByteBuf encodedHeaders;
    private final ByteBuf encoded;
    private @Nullable List<RecordHeader> headers;

    RecordView(
            long offset,
            long timestampMs,
            @Nullable ByteBuf key,
            @Nullable ByteBuf value,
            ByteBuf encodedHeaders,
            ByteBuf encoded) {
        this.offset = offset;
        this.timestampMs = timestampMs;
        this.key = key;
        this.value = value;
        this.encodedHeaders = encodedHeaders;
        this.encoded = encoded;
    }

    public long offset() {
        return offset;
    }

    /** Milliseconds since the epoch, or -1. */
    public long timestampMs() {
        return timestampMs;
    }

    public @Nullable ByteBuf key() {
        return key;
    }

    public @Nullable ByteBuf value() {
        return value;
    }

    /**
     * The headers, decoded at the first call.
     *
     * @throws InvalidBatchException when they break the format
     */
    public List<RecordHeader> headers() {
        List<RecordHeader> decoded = headers;
        if (decoded == null) {
            decoded = RecordFormat.readHeaders(encodedHeaders.duplicate());
            headers = decoded;
        }
        return decoded;
    }

    /** The last header with this key, or {@code null}. */
    public @Nullable RecordHeader lastHeader(String headerKey) {
        List<RecordHeader> all = headers();
        for (int i = all.size() - 1; i >= 0; i--) {
            if (all.get(i).key().equals(headerKey)) {
                return all.get(i);
            }
        }
        return null;
    }

    /**
     * Passes the value of each header with this key to the visitor, in order, as a slice that is valid as long as this
     * view's buffers are, or {@code null} for a header without value. Unlike {@link #headers()} it decodes and keeps
     * nothing.
     *
     * @param headerKey in UTF-8
     * @throws InvalidBatchException when the headers break the format
     */
    public void visitHeaders(byte[] headerKey, Consumer<@Nullable ByteBuf> visitor) {
        RecordFormat.visitHeaders(encodedHeaders.duplicate(), headerKey, visitor);
    }

    /** The whole record as encoded, its length prefix included, its deltas relative to the batch it came from. */
    public ByteBuf encoded() {
        return encoded;
    }
}
