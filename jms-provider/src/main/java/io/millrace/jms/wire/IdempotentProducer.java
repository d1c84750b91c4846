// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.kafka.ProducerCodec;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent producer of one broker (KIP-98), over whatever connection there is to it: what is sent to a partition
 * in one turn of the loop becomes one batch, at most {@value #MAX_IN_FLIGHT} batches of a partition are unanswered. A
 * batch whose connection was lost, or whose partition is not served just now, is sent again under its sequence, so that
 * the broker keeps one of it. One that is refused makes the producer ask for a new id: later batches start a sequence of
 * their own. Owned by one event loop. Holds what its callers have sent and not been told of; they bound it.
 */
final class IdempotentProducer {
    private static final int MAX_IN_FLIGHT = 5;
    private static final int BATCH_BYTES = 512 << 10;
    private static final long REPEAT_MS = 100;

    private final ByteBufAllocator allocator;
    private final @Nullable String clientId;
    private final int timeoutMs;
    private final BiConsumer<Runnable, Long> timer;
    private final Map<PartitionKey, Queue> queues = new HashMap<>();
    private final List<Queue> dirty = new ArrayList<>();
    private @Nullable LinkHandler link;
    private ProducerCodec.@Nullable ProducerId identity;
    private boolean asking;

    private record PartitionKey(String topic, int partition) {}

    private record Item(OutgoingRecord record, CompletableFuture<Long> result) {}

    /** Items under one sequence. {@code unanswered} while a connection may answer it. */
    private static final class Batch {
        private final ProducerCodec.ProducerId producer;
        private final int firstSequence;
        private final List<Item> items;
        private boolean unanswered;
        private long repeatUntilNanos;

        private Batch(ProducerCodec.ProducerId producer, int firstSequence, List<Item> items) {
            this.producer = producer;
            this.firstSequence = firstSequence;
            this.items = items;
        }
    }

    /** What waits for one partition. */
    private static final class Queue {
        private final PartitionKey key;
        private final ArrayDeque<Item> items = new ArrayDeque<>();
        /** In the order of their sequences. */
        private final ArrayDeque<Batch> inFlight = new ArrayDeque<>();

        private int nextSequence;
        private boolean dirty;
        /** Nothing new goes out before what is in flight was answered and sent again. */
        private boolean repeating;
        /** In its broker's memory, one of many: without a sequence, so that nothing of it must be remembered. */
        private final boolean temporary;

        private Queue(PartitionKey key) {
            this.key = key;
            this.temporary = JmsDestination.isTemporary(key.topic);
        }
    }

    /**
     * @param timeoutMs until a batch must have been answered, milliseconds
     * @param timer runs a task on the owner's loop after so many milliseconds
     */
    IdempotentProducer(
            ByteBufAllocator allocator, @Nullable String clientId, int timeoutMs, BiConsumer<Runnable, Long> timer) {
        this.allocator = allocator;
        this.clientId = clientId;
        this.timeoutMs = timeoutMs;
        this.timer = timer;
    }

    /** There is a connection: what the last one left unanswered goes out again, in order, then what waits. */
    void attach(LinkHandler to) {
        link = to;
        asking = false;
        for (Queue queue : List.copyOf(queues.values())) {
            queue.inFlight.forEach(batch -> batch.repeatUntilNanos = fromNow());
            repeatIfAnswered(queue);
        }
        flush();
    }

    /**
     * The connection is lost; what is sent now waits for the next. What was on its way to a temporary destination fails:
     * without a sequence it might arrive twice.
     */
    void detach(ProviderException cause) {
        link = null;
        asking = false;
        for (Queue queue : List.copyOf(queues.values())) {
            queue.inFlight.forEach(batch -> batch.unanswered = false);
            if (queue.temporary) {
                List<Batch> lost = List.copyOf(queue.inFlight);
                queue.inFlight.clear();
                lost.forEach(batch -> fail(batch, cause));
            }
        }
    }

    private static void fail(Batch batch, ProviderException cause) {
        batch.items.forEach(item -> item.result.completeExceptionally(cause));
    }

    /** Whether somebody waits for a send. */
    boolean hasWork() {
        return queues.values().stream().anyMatch(queue -> !queue.items.isEmpty() || !queue.inFlight.isEmpty());
    }

    /** Gives up what was sent and not answered. */
    void fail(ProviderException cause) {
        identity = null;
        dirty.clear();
        List<Item> failed = new ArrayList<>();
        for (Queue queue : queues.values()) {
            queue.inFlight.forEach(batch -> failed.addAll(batch.items));
            failed.addAll(queue.items);
        }
        queues.clear();
        failed.forEach(item -> item.result.completeExceptionally(cause));
    }

    private long fromNow() {
        return System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
    }

    /** Queues a record; {@link #flush} must follow in the same turn of the loop or the next. */
    void add(String topic, int partition, OutgoingRecord record, CompletableFuture<Long> result) {
        Queue queue = queues.computeIfAbsent(new PartitionKey(topic, partition), Queue::new);
        queue.items.add(new Item(record, result));
        markDirty(queue);
    }

    private void markDirty(Queue queue) {
        if (!queue.dirty) {
            queue.dirty = true;
            dirty.add(queue);
        }
    }

    /** Sends what is queued, as far as the window allows. */
    void flush() {
        if (link == null) {
            return;
        }
        ProducerCodec.ProducerId producer = identity;
        if (producer == null) {
            askForIdentity();
            return;
        }
        List<Queue> ready = List.copyOf(dirty);
        dirty.clear();
        for (Queue queue : ready) {
            queue.dirty = false;
            while (producer.equals(identity) && mayStart(queue)) {
                startBatch(queue, producer);
            }
            if (!producer.equals(identity) && !queue.items.isEmpty()) {
                markDirty(queue); // a batch failed as it was sent: the rest goes under the next identity
            }
        }
        if (identity == null) {
            askForIdentity();
        }
    }

    private boolean mayStart(Queue queue) {
        return !queue.repeating && !queue.items.isEmpty() && queue.inFlight.size() < MAX_IN_FLIGHT;
    }

    private void askForIdentity() {
        LinkHandler to = link;
        if (asking || dirty.isEmpty() || to == null) {
            return;
        }
        asking = true;
        to.send(
                id -> ProducerCodec.initProducerId(allocator, id, clientId),
                new Answer("InitProducerId", frame -> onIdentity(to, frame), cause -> onNoIdentity(to, cause)),
                timeoutMs);
    }

    private void onIdentity(LinkHandler from, ByteBuf frame) {
        ProducerCodec.ProducerId answer = ProducerCodec.decodeProducerId(frame);
        if (!answer.status().isOk()) {
            onNoIdentity(from, ProviderException.refused(answer.status()));
        } else if (link == from) {
            asking = false;
            identity = answer;
            queues.values().forEach(queue -> queue.nextSequence = 0);
            flush();
        }
    }

    private void onNoIdentity(LinkHandler from, ProviderException cause) {
        if (link != from) {
            return; // the next connection asks again
        }
        asking = false;
        if (isPassing(cause)) {
            timer.accept(this::flush, REPEAT_MS);
            return;
        }
        if (cause.kind() == ProviderException.Kind.LINK_LOST) {
            return;
        }
        List<Item> failed = new ArrayList<>();
        for (Queue queue : dirty) {
            queue.dirty = false;
            failed.addAll(queue.items);
            queue.items.clear();
        }
        dirty.clear();
        failed.forEach(item -> item.result.completeExceptionally(cause));
    }

    private void startBatch(Queue queue, ProducerCodec.ProducerId producer) {
        List<Item> items = new ArrayList<>();
        long bytes = 0;
        while (!queue.items.isEmpty() && (items.isEmpty() || bytes + size(queue.items.element()) <= BATCH_BYTES)) {
            Item item = queue.items.remove();
            bytes += size(item);
            items.add(item);
        }
        Batch batch = new Batch(producer, queue.nextSequence, items);
        batch.repeatUntilNanos = fromNow();
        queue.nextSequence += items.size();
        queue.inFlight.add(batch);
        send(queue, batch);
    }

    private static long size(Item item) {
        byte[] value = item.record.value();
        byte[] key = item.record.key();
        long size = value == null ? 0 : value.length;
        size += key == null ? 0 : key.length;
        for (var header : item.record.headers()) {
            byte[] content = header.value();
            size += header.key().length() + (content == null ? 0 : content.length);
        }
        return size;
    }

    private void send(Queue queue, Batch batch) {
        LinkHandler to = link;
        if (to == null) {
            return;
        }
        batch.unanswered = true;
        PartitionKey key = queue.key;
        to.send(
                id -> ProducerCodec.produce(
                        allocator, id, clientId, key.topic, key.partition, encode(queue, batch), timeoutMs),
                new Answer(
                        "Produce to " + key.topic + "-" + key.partition,
                        frame -> onAnswer(to, queue, batch, frame),
                        cause -> onFailure(to, queue, batch, cause)),
                timeoutMs);
    }

    private ByteBuf encode(Queue queue, Batch batch) {
        try (BatchBuilder builder = new BatchBuilder(allocator)) {
            if (!queue.temporary) {
                builder.producer(batch.producer.producerId(), batch.producer.epoch(), batch.firstSequence);
            }
            for (Item item : batch.items) {
                OutgoingRecord record = item.record;
                builder.add(record.timestampMs(), record.key(), record.value(), record.headers());
            }
            return builder.build();
        }
    }

    private void onAnswer(LinkHandler from, Queue queue, Batch batch, ByteBuf frame) {
        ProducerCodec.Produced answer = ProducerCodec.decodeProduced(frame);
        if (!answer.status().isOk()) {
            onFailure(from, queue, batch, ProviderException.refused(answer.status()));
        } else if (link == from && queue.inFlight.remove(batch)) {
            for (int i = 0; i < batch.items.size(); i++) {
                batch.items.get(i).result.complete(answer.baseOffset() + i);
            }
            proceed(queue);
        }
    }

    private void onFailure(LinkHandler from, Queue queue, Batch batch, ProviderException cause) {
        if (link != from || cause.kind() == ProviderException.Kind.LINK_LOST) {
            return; // stays in flight, for the next connection or until all is given up
        }
        batch.unanswered = false;
        boolean repeat = !queue.temporary && (queue.repeating || isPassing(cause));
        if (repeat && batch.producer.equals(identity) && System.nanoTime() - batch.repeatUntilNanos < 0) {
            queue.repeating = true;
            proceed(queue);
            return;
        }
        if (batch.producer.equals(identity) && !queue.temporary) {
            identity = null;
        }
        if (queue.inFlight.remove(batch)) {
            fail(batch, cause);
            proceed(queue);
        }
    }

    /** Whether the broker will take the batch when it is sent again: its partition is just being opened or moved. */
    private static boolean isPassing(ProviderException cause) {
        return cause.kind() == ProviderException.Kind.REFUSED
                && (cause.code() == ErrorCode.NOT_LEADER || cause.code() == ErrorCode.UNAVAILABLE);
    }

    private void proceed(Queue queue) {
        if (queue.repeating) {
            if (queue.inFlight.stream().noneMatch(batch -> batch.unanswered)) {
                timer.accept(() -> repeatIfAnswered(queue), REPEAT_MS);
            }
        } else if (!queue.items.isEmpty()) {
            markDirty(queue);
            flush();
        } else if (queue.temporary && queue.inFlight.isEmpty()) {
            queues.remove(queue.key, queue);
        }
    }

    /** Sends everything in flight again, unless it waits for answers. */
    private void repeatIfAnswered(Queue queue) {
        if (link == null || queue.inFlight.stream().anyMatch(batch -> batch.unanswered)) {
            return;
        }
        queue.repeating = false;
        for (Batch batch : List.copyOf(queue.inFlight)) {
            if (queue.inFlight.contains(batch)) {
                send(queue, batch);
            }
        }
        if (!queue.items.isEmpty()) {
            markDirty(queue);
            flush();
        }
    }

    /** A Kafka request that waits for its answer. */
    private record Answer(String what, Consumer<ByteBuf> answered, Consumer<ProviderException> failed)
            implements Pending {
        @Override
        public void onAnswer(ByteBuf frame) {
            answered.accept(frame);
        }

        @Override
        public void onFailure(ProviderException cause) {
            failed.accept(cause);
        }
    }
}
