// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import io.millrace.protocol.message.MalformedFrameException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.protocol.MessageSizeAccumulator;
import org.apache.kafka.common.protocol.ObjectSerializationCache;

/** Reads and writes generated messages, requests and answers alike. */
final class Bodies {
    private Bodies() {}

    /** Reads a message which must fill what remains. */
    static void readWhole(ApiMessage body, ByteBufReadable readable, short version, String what) {
        read(body, readable, version, what);
        if (readable.remaining() > 0) {
            throw new MalformedFrameException(
                    what + " v" + version + " leaves " + readable.remaining() + " bytes of its frame unread");
        }
    }

    /** Reads a message; what comes after it stays unread. */
    static void read(ApiMessage body, ByteBufReadable readable, short version, String what) {
        try {
            body.read(readable, version);
        } catch (MalformedFrameException e) {
            throw new MalformedFrameException(what + " v" + version + ": " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // The generated readers throw plain RuntimeExceptions for what they find wrong.
            throw new MalformedFrameException(what + " v" + version + " cannot be read: " + e.getMessage(), e);
        }
    }

    static void adopt(ByteBufReadable readable, ProduceRequestData.PartitionProduceData partition) {
        ByteBuf slice = readable.recordsOf(partition.records());
        if (slice != null) {
            ProduceRecords.set(partition, slice.retain());
        }
    }

    static void adopt(ByteBufReadable readable, FetchResponseData.PartitionData partition) {
        ByteBuf slice = readable.recordsOf(partition.records());
        if (slice != null) {
            FetchRecords.set(partition, slice.retain());
        }
    }

    static void adopt(ByteBufReadable readable, ShareFetchResponseData.PartitionData partition) {
        ByteBuf slice = readable.recordsOf(partition.records());
        if (slice != null) {
            FetchRecords.set(partition, slice.retain());
        }
    }

    /** Writes size, header and body as one frame and releases the body's buffers, also when it fails. */
    static ByteBuf frame(
            ByteBufAllocator allocator, ApiMessage header, short headerVersion, ApiMessage body, short version) {
        try {
            ObjectSerializationCache headerCache = new ObjectSerializationCache();
            ObjectSerializationCache cache = new ObjectSerializationCache();
            MessageSizeAccumulator size = new MessageSizeAccumulator();
            header.addSize(size, headerCache, headerVersion);
            body.addSize(size, cache, version);
            ByteBuf buffer = allocator.buffer(Integer.BYTES + size.sizeExcludingZeroCopy());
            try {
                ByteBufWritable writable = new ByteBufWritable(buffer);
                writable.writeInt(size.totalSize());
                header.write(writable, headerCache, headerVersion);
                body.write(writable, cache, version);
                if (writable.size() != Integer.BYTES + size.totalSize()) {
                    throw new IllegalStateException("message of API " + body.apiKey() + " v" + version + " took "
                            + (writable.size() - Integer.BYTES) + " bytes, not " + size.totalSize());
                }
                return writable.finish(allocator);
            } catch (RuntimeException e) {
                buffer.release();
                throw e;
            }
        } finally {
            MessageBuffers.release(body);
        }
    }
}
