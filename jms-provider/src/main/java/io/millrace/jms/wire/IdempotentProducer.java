// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.wire;

import io.millrace.jms.provider.ProviderException;
import io.millrace.protocol.jms.JmsDestination;
import io.millrace.protocol.jms.OutgoingRecord;
import io.millrace.protocol.kafka.ProducerCodec;
import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The idempotent producer of one link (KIP-98): what is sent to a partition in one turn of the loop becomes one batch,
 * at most {@value #MAX_IN_FLIGHT} batches of a partition are unanswered. Owned by the link's event loop. A refused batch
 * makes it ask for a new producer id, so that later batches start a sequence of their own.
 */
final class IdempotentProducer {
    private static final int MAX_IN_FLIGHT = 5;
    private static final int BATCH_BYTES = 512 << 10;

    private final LinkHandler link;
    private final ByteBufAllocator allocator;
    private final @Nullable String clientId;
    private final int timeoutMs;
    private final Map<PartitionKey, Queue> queues = new HashMap<>();
    private final List<Queue> dirty = new ArrayList<>();
    private ProducerCodec.@Nullable ProducerId identity;
    private boolean asking;

    private record PartitionKey(String topic, int partition) {}

    private record Item(OutgoingRecord record, CompletableFuture<Long> result) {}

    /** What waits for one partition. */
    private static final class Queue {
        private final PartitionKey key;
        private final ArrayDeque<Item> items = new ArrayDeque<>();
        private int inFlight;
        private int nextSequence;
        private boolean dirty;
        /** In its broker's memory, one of many: without a sequence, so that nothing of it must be remembered. */
        private final boolean temporary;

        private Queue(PartitionKey key) {
            this.key = key;
            this.temporary = JmsDestination.isTemporary(key.topic);
        }
    }

    IdempotentProducer(LinkHandler link, ByteBufAllocator allocator, @Nullable String clientId, int timeoutMs) {
        this.link = link;
        this.allocator = allocator;
        this.clientId = clientId;
        this.timeoutMs = timeoutMs;
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
        ProducerCodec.ProducerId producer = identity;
        if (producer == null) {
            askForIdentity();
            return;
        }
        List<Queue> ready = List.copyOf(dirty);
        dirty.clear();
        for (Queue queue : ready) {
            queue.dirty = false;
            while (producer.equals(identity) && queue.inFlight < MAX_IN_FLIGHT && !queue.items.isEmpty()) {
                sendBatch(queue, producer);
            }
            if (!producer.equals(identity) && !queue.items.isEmpty()) {
                markDirty(queue); // a batch failed as it was sent: the rest goes under the next identity
            }
        }
        if (identity == null) {
            askForIdentity();
        }
    }

    private void askForIdentity() {
        if (asking || dirty.isEmpty()) {
            return;
        }
        asking = true;
        link.send(
                id -> ProducerCodec.initProducerId(allocator, id, clientId),
                new Answer("InitProducerId", this::onIdentity, this::failQueued),
                timeoutMs);
    }

    private void onIdentity(ByteBuf frame) {
        ProducerCodec.ProducerId answer = ProducerCodec.decodeProducerId(frame);
        if (!answer.status().isOk()) {
            failQueued(ProviderException.refused(answer.status()));
            return;
        }
        asking = false;
        identity = answer;
        queues.values().forEach(queue -> queue.nextSequence = 0);
        flush();
    }

    private void failQueued(ProviderException cause) {
        asking = false;
        List<Item> failed = new ArrayList<>();
        for (Queue queue : dirty) {
            queue.dirty = false;
            failed.addAll(queue.items);
            queue.items.clear();
        }
        dirty.clear();
        failed.forEach(item -> item.result.completeExceptionally(cause));
    }

    private void sendBatch(Queue queue, ProducerCodec.ProducerId producer) {
        List<Item> batch = new ArrayList<>();
        ByteBuf encoded;
        try (BatchBuilder builder = queue.temporary
                ? new BatchBuilder(allocator)
                : new BatchBuilder(allocator).producer(producer.producerId(), producer.epoch(), queue.nextSequence)) {
            while (!queue.items.isEmpty()
                    && (batch.isEmpty() || builder.sizeInBytes() + valueBytes(queue.items.element()) <= BATCH_BYTES)) {
                Item item = queue.items.remove();
                OutgoingRecord record = item.record;
                builder.add(record.timestampMs(), record.key(), record.value(), record.headers());
                batch.add(item);
            }
            encoded = builder.build();
        }
        queue.nextSequence += batch.size();
        queue.inFlight++;
        PartitionKey key = queue.key;
        boolean sent = link.send(
                id -> ProducerCodec.produce(allocator, id, clientId, key.topic, key.partition, encoded, timeoutMs),
                new Answer(
                        "Produce to " + key.topic + "-" + key.partition,
                        frame -> onProduced(queue, batch, producer, frame),
                        cause -> onRefused(queue, batch, producer, cause)),
                timeoutMs);
        if (!sent) {
            encoded.release();
        }
    }

    private static int valueBytes(Item item) {
        byte[] value = item.record.value();
        return value == null ? 0 : value.length;
    }

    private void onProduced(Queue queue, List<Item> batch, ProducerCodec.ProducerId producer, ByteBuf frame) {
        ProducerCodec.Produced answer = ProducerCodec.decodeProduced(frame);
        if (!answer.status().isOk()) {
            onRefused(queue, batch, producer, ProviderException.refused(answer.status()));
            return;
        }
        answered(queue);
        for (int i = 0; i < batch.size(); i++) {
            batch.get(i).result.complete(answer.baseOffset() + i);
        }
    }

    private void onRefused(Queue queue, List<Item> batch, ProducerCodec.ProducerId producer, ProviderException cause) {
        if (producer.equals(identity) && !queue.temporary) {
            identity = null;
        }
        answered(queue);
        batch.forEach(item -> item.result.completeExceptionally(cause));
    }

    private void answered(Queue queue) {
        queue.inFlight--;
        if (!queue.items.isEmpty()) {
            markDirty(queue);
            flush();
        } else if (queue.temporary && queue.inFlight == 0) {
            queues.remove(queue.key, queue);
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
