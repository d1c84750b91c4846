// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.BrokerException;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.partition.Cancellation;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.kafka.FetchRecords;
import io.millrace.protocol.kafka.MessageBuffers;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchRequestData.FetchPartition;
import org.apache.kafka.common.message.FetchRequestData.FetchTopic;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.FetchableTopicResponse;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.apache.kafka.common.protocol.Errors;
import org.jspecify.annotations.Nullable;

/**
 * One fetch on its way: read; while there is too little, wait for any partition to grow or for the time-out, without a
 * thread. Each round is started by one party only, so that its fields need no lock.
 */
final class ParkedFetch {
    private static final int FIRST_VERSION_WITH_TOPIC_IDS = 13;
    private static final int UNKNOWN = -1;
    private static final int LONGEST_WAIT_MS = 60_000;

    private final Partitions partitions;
    private final OwnerLoop timers;
    private final RequestContext context;
    private final FetchRequestData request;
    private final CompletableFuture<FetchResponseData> answer = new CompletableFuture<>();
    private volatile boolean timedOut;
    private volatile OwnerLoop.@Nullable Timer timer;
    private volatile @Nullable Wait waiting;

    ParkedFetch(Partitions partitions, OwnerLoop timers, RequestContext context, FetchRequestData request) {
        this.partitions = partitions;
        this.timers = timers;
        this.context = context;
        this.request = request;
    }

    CompletableFuture<FetchResponseData> start() {
        if (request.maxWaitMs() <= 0 || request.minBytes() <= 0) {
            timedOut = true;
        } else {
            timer = timers.schedule(this::onTimeout, Math.min(request.maxWaitMs(), LONGEST_WAIT_MS));
        }
        round();
        return answer;
    }

    private void onTimeout() {
        timedOut = true;
        Wait present = waiting;
        if (present != null) {
            present.end();
        }
    }

    private void round() {
        boolean last = timedOut;
        FetchRound round = new FetchRound(request.maxBytes());
        readNext(round, 0, 0, last);
    }

    /** Reads one partition after the other, so that the total limit holds. */
    private void readNext(FetchRound round, int topicIndex, int partitionIndex, boolean last) {
        int t = topicIndex;
        int p = partitionIndex;
        while (t < request.topics().size()) {
            FetchTopic topic = request.topics().get(t);
            if (p == 0) {
                round.topic(topic, context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS);
            }
            if (p >= topic.partitions().size()) {
                t++;
                p = 0;
                continue;
            }
            CompletableFuture<PartitionData> read =
                    read(round, topic, topic.partitions().get(p));
            int nextPartition = p + 1;
            if (read.isDone()) {
                round.add(read.join());
                p = nextPartition;
            } else {
                int sameTopic = t;
                Completions.whenDone(read, (data, failure) -> {
                    if (data != null) {
                        round.add(data);
                    }
                    readNext(round, sameTopic, nextPartition, last);
                });
                return;
            }
        }
        finish(round, last);
    }

    private void finish(FetchRound round, boolean last) {
        if (last || round.bytes >= request.minBytes() || round.failed || round.waits.isEmpty()) {
            OwnerLoop.Timer running = timer;
            if (running != null) {
                running.cancel();
            }
            answer.complete(round.response);
            return;
        }
        MessageBuffers.release(round.response);
        Wait next = new Wait();
        waiting = next;
        round.waits.forEach(wait -> next.add(wait.partition.awaitData(wait.offset, next::end)));
        if (timedOut) {
            next.end();
        }
    }

    /** Never fails: what goes wrong is in the answer. */
    private CompletableFuture<PartitionData> read(FetchRound round, FetchTopic topic, FetchPartition wanted) {
        PartitionData data = new PartitionData().setPartitionIndex(wanted.partition());
        Partition partition;
        long highWatermark;
        try {
            partition = context.apiVersion() >= FIRST_VERSION_WITH_TOPIC_IDS
                    ? partitions.get(KafkaUuids.fromKafka(topic.topicId()), wanted.partition())
                    : partitions.get(topic.topic(), wanted.partition());
            LeaderEpochs.check(partition, wanted.currentLeaderEpoch());
            highWatermark = partition.highWatermark();
            data.setHighWatermark(highWatermark)
                    .setLastStableOffset(highWatermark)
                    .setLogStartOffset(partition.startOffset());
            checkRange(wanted, partition, highWatermark);
        } catch (BrokerException refused) {
            return CompletableFuture.completedFuture(fail(round, data, refused));
        }
        int maxBytes = Math.min(wanted.partitionMaxBytes(), round.remaining());
        if (wanted.fetchOffset() >= highWatermark) {
            round.waits.add(new WaitFor(partition, wanted.fetchOffset()));
            return CompletableFuture.completedFuture(empty(data));
        }
        // More than one batch, or the first of all: a batch larger than the limits must still get through (KIP-74).
        if (maxBytes <= 0 && round.bytes > 0) {
            return CompletableFuture.completedFuture(empty(data));
        }
        round.waits.add(new WaitFor(partition, highWatermark));
        return partition.read(wanted.fetchOffset(), Math.max(1, maxBytes)).handle((slice, failure) -> {
            if (failure != null) {
                return fail(round, data, failure);
            }
            return FetchRecords.set(data, take(slice));
        });
    }

    private static void checkRange(FetchPartition wanted, Partition partition, long highWatermark) {
        if (wanted.fetchOffset() < partition.startOffset() || wanted.fetchOffset() > highWatermark) {
            throw new BrokerException(
                    Code.OFFSET_OUT_OF_RANGE,
                    "Offset " + wanted.fetchOffset() + " of " + partition.id() + " is outside ["
                            + partition.startOffset() + ", " + highWatermark + "]");
        }
    }

    private static ByteBuf take(LogSlice slice) {
        try (slice) {
            return slice.buffer().retainedSlice();
        }
    }

    private static PartitionData empty(PartitionData data) {
        return FetchRecords.set(data, Unpooled.EMPTY_BUFFER);
    }

    private static PartitionData fail(FetchRound round, PartitionData data, Throwable failure) {
        round.failed = true;
        Errors error = KafkaErrors.of(failure);
        if (error != Errors.OFFSET_OUT_OF_RANGE) {
            data.setHighWatermark(UNKNOWN);
        }
        return empty(data.setErrorCode(error.code()));
    }

    private record WaitFor(Partition partition, long offset) {}

    /** What one pass over the partitions has read. */
    private static final class FetchRound {
        private final FetchResponseData response = new FetchResponseData();
        private final List<WaitFor> waits = new ArrayList<>();
        private final int maxBytes;
        private @Nullable FetchableTopicResponse topic;
        private int bytes;
        private boolean failed;

        FetchRound(int maxBytes) {
            this.maxBytes = maxBytes;
        }

        int remaining() {
            return Math.max(0, maxBytes - bytes);
        }

        void topic(FetchTopic wanted, boolean byId) {
            FetchableTopicResponse next = new FetchableTopicResponse();
            if (byId) {
                next.setTopicId(wanted.topicId());
            } else {
                next.setTopic(wanted.topic());
            }
            response.responses().add(next);
            topic = next;
        }

        void add(PartitionData data) {
            ByteBuf records = FetchRecords.buffer(data);
            bytes += records == null ? 0 : records.readableBytes();
            if (topic != null) {
                topic.partitions().add(data);
            }
        }
    }

    /** One wait for any of several events; the first one starts the next round. */
    private final class Wait {
        private final AtomicBoolean ended = new AtomicBoolean();
        private final List<Cancellation> registrations = new ArrayList<>();

        void add(Cancellation registration) {
            synchronized (registrations) {
                registrations.add(registration);
            }
            if (ended.get()) {
                cancelAll();
            }
        }

        void end() {
            if (ended.compareAndSet(false, true)) {
                waiting = null;
                cancelAll();
                round();
            }
        }

        private void cancelAll() {
            List<Cancellation> all;
            synchronized (registrations) {
                all = List.copyOf(registrations);
                registrations.clear();
            }
            all.forEach(Cancellation::cancel);
        }
    }
}
