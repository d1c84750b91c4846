// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;

/** What one pass over a fetch's partitions has read. Owned by the connection's network loop. */
final class FetchRound {
    private final int maxBytes;
    private final boolean committed;
    private final List<Look> looks = new ArrayList<>();
    private int bytes;
    private boolean failed;
    private boolean waitable;

    /** @param committed whether the client reads committed records only */
    FetchRound(int maxBytes, boolean committed) {
        this.maxBytes = maxBytes;
        this.committed = committed;
    }

    /** What was found at a partition. */
    record Look(FetchTarget target, PartitionData data) {
        int bytes() {
            ByteBuf records = FetchRecords.buffer(data);
            return records == null ? 0 : records.readableBytes();
        }

        boolean failed() {
            return data.errorCode() != Errors.NONE.code();
        }
    }

    /** Bytes that may still be read. */
    int remaining() {
        return Math.max(0, maxBytes - bytes);
    }

    /**
     * Bytes that the next partition's records may have. The first batch of an answer may be larger than all that was asked
     * for, so that the client gets on (KIP-74); later ones may not: librdkafka drops a connection whose answer is larger
     * than its {@code receive.message.max.bytes}, and asks for the same again.
     */
    int room() {
        return bytes == 0 ? Integer.MAX_VALUE : remaining();
    }

    boolean hasRoom() {
        return room() >= BatchHeader.SIZE;
    }

    int bytes() {
        return bytes;
    }

    boolean isCommitted() {
        return committed;
    }

    List<Look> looks() {
        return looks;
    }

    void add(FetchTarget target, PartitionData data) {
        Look look = new Look(target, data);
        looks.add(look);
        bytes += look.bytes();
        Errors error = Errors.forCode(data.errorCode());
        switch (error) {
            case NONE -> waitable = true;
            case UNKNOWN_TOPIC_OR_PARTITION, UNKNOWN_TOPIC_ID -> {
                // As in Kafka the others are waited for: a client that asks in vain does not ask in a tight loop.
            }
            default -> failed = true;
        }
    }

    /** Whether there is a reason to answer now. */
    boolean isEnough(int minBytes) {
        return failed || bytes >= minBytes;
    }

    /** Whether any partition can get more. */
    boolean isWaitable() {
        return waitable;
    }

    /** The answer, of all or only of what is news to the client. Partitions of a topic that follow each other share an entry. */
    FetchResponseData response(boolean newsOnly) {
        FetchResponseData response = new FetchResponseData();
        FetchTarget last = null;
        FetchableTopicResponse topic = new FetchableTopicResponse();
        for (Look look : looks) {
            if (newsOnly && !look.target.isNews(look.data, look.bytes())) {
                continue;
            }
            if (last == null || !last.key().sameTopic(look.target.key())) {
                topic = new FetchableTopicResponse()
                        .setTopicId(look.target.key().topicId());
                String name = look.target.key().topic();
                if (name != null) {
                    topic.setTopic(name);
                }
                response.responses().add(topic);
            }
            topic.partitions().add(look.data);
            last = look.target;
        }
        return response;
    }

    /** Gives back what was read; the watermarks stay. */
    void releaseRecords() {
        for (Look look : looks) {
            ByteBuf records = FetchRecords.buffer(look.data);
            if (records != null) {
                records.release();
            }
        }
    }
}
