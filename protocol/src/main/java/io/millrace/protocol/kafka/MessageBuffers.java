// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.kafka;

import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.ProduceRequestData;
import org.apache.kafka.common.message.ShareFetchResponseData;
import org.apache.kafka.common.protocol.ApiMessage;
import org.apache.kafka.common.record.internal.BaseRecords;
import org.jspecify.annotations.Nullable;

/** The buffers inside generated messages: a message owns one reference of each. */
public final class MessageBuffers {
    private MessageBuffers() {}

    /**
     * Releases the buffers of a message, which is not to be used afterwards. The encoders do it for what they encode;
     * call it for a message that is never encoded.
     */
    public static void release(ApiMessage message) {
        if (message instanceof ProduceRequestData produce) {
            produce.topicData().forEach(topic -> topic.partitionData().forEach(p -> release(p.records())));
        } else if (message instanceof FetchResponseData fetch) {
            fetch.responses().forEach(topic -> topic.partitions().forEach(p -> release(p.records())));
        } else if (message instanceof ShareFetchResponseData share) {
            share.responses().forEach(topic -> topic.partitions().forEach(p -> release(p.records())));
        }
    }

    private static void release(@Nullable BaseRecords records) {
        if (records instanceof ByteBufRecords buffered) {
            buffered.buffer().release();
        }
    }
}
