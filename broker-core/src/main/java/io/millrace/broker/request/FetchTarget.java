// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Cancellation;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.jspecify.annotations.Nullable;

/**
 * One partition that a client fetches from, for one fetch or as long as its session names it. Owned by the connection's
 * network loop.
 */
final class FetchTarget {
    private static final long NOTHING_ANSWERED = -2;

    private final Key key;
    private int leaderEpoch;
    private long offset;
    private int maxBytes;
    private @Nullable Partition partition;
    private @Nullable Cancellation registration;
    private long answeredHighWatermark = NOTHING_ANSWERED;
    private long answeredStableOffset = NOTHING_ANSWERED;
    private long answeredStartOffset = NOTHING_ANSWERED;

    FetchTarget(Key key, FetchPartition wanted) {
        this.key = key;
        update(wanted);
    }

    /** A topic, by its name or (from version 13 on) its id, and a partition of it. */
    record Key(@Nullable String topic, Uuid topicId, int partition) {
        static Key of(boolean byId, @Nullable String topic, Uuid topicId, int partition) {
            return byId ? new Key(null, topicId, partition) : new Key(topic, Uuid.ZERO_UUID, partition);
        }

        boolean sameTopic(Key other) {
            return topic == null ? topicId.equals(other.topicId) : topic.equals(other.topic);
        }
    }

    /** What a request names, in its order. */
    static List<FetchTarget> of(FetchRequestData request, boolean byId) {
        List<FetchTarget> targets = new ArrayList<>();
        for (FetchTopic topic : request.topics()) {
            for (FetchPartition wanted : topic.partitions()) {
                targets.add(new FetchTarget(Key.of(byId, topic.topic(), topic.topicId(), wanted.partition()), wanted));
            }
        }
        return targets;
    }

    Key key() {
        return key;
    }

    int leaderEpoch() {
        return leaderEpoch;
    }

    long offset() {
        return offset;
    }

    int maxBytes() {
        return maxBytes;
    }

    /** From now on this is what the client wants of the partition. */
    void update(FetchPartition wanted) {
        leaderEpoch = wanted.currentLeaderEpoch();
        offset = wanted.fetchOffset();
        maxBytes = wanted.partitionMaxBytes();
    }

    /** The partition, looked up anew once it serves no more. Fails with a {@link BrokerException} without it. */
    Partition resolve(Partitions partitions) {
        Partition known = partition;
        if (known == null || !known.isServing()) {
            String name = key.topic;
            known = name == null
                    ? partitions.get(KafkaUuids.fromKafka(key.topicId), key.partition)
                    : partitions.get(name, key.partition);
            partition = known;
        }
        return known;
    }

    /** Fails with {@code OFFSET_OUT_OF_RANGE} where there can be nothing to read. */
    void checkRange(long startOffset, long highWatermark) {
        if (offset < startOffset || offset > highWatermark) {
            throw new BrokerException(
                    Code.OFFSET_OUT_OF_RANGE,
                    "Offset " + offset + " of " + key + " is outside [" + startOffset + ", " + highWatermark + "]");
        }
    }

    /** Has {@code listener} told, once and on any thread, of what comes after that which {@code data} tells the end of. */
    void await(PartitionData data, boolean committed, Runnable listener) {
        Partition known = partition;
        if (registration == null && known != null) {
            long from = Math.max(offset, FetchReader.end(data, committed));
            registration = committed ? known.awaitStable(from, listener) : known.awaitData(from, listener);
        }
    }

    /** Whether somebody waits for more. */
    boolean isAwaited() {
        return registration != null;
    }

    void stopWaiting() {
        Cancellation present = registration;
        if (present != null) {
            registration = null;
            present.cancel();
        }
    }

    /** Whether an incremental answer has to name this partition: it has something that the client was not told yet. */
    boolean isNews(PartitionData data, int bytes) {
        return bytes > 0
                || data.errorCode() != 0
                || data.highWatermark() != answeredHighWatermark
                || data.lastStableOffset() != answeredStableOffset
                || data.logStartOffset() != answeredStartOffset;
    }

    /** After an error whatever comes next is news. */
    void onAnswered(PartitionData data) {
        boolean failed = data.errorCode() != 0;
        answeredHighWatermark = failed ? NOTHING_ANSWERED : data.highWatermark();
        answeredStableOffset = failed ? NOTHING_ANSWERED : data.lastStableOffset();
        answeredStartOffset = failed ? NOTHING_ANSWERED : data.logStartOffset();
    }
}
