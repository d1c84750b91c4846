// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.nullbroker;

import io.millrace.protocol.record.BatchBuilder;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.common.Uuid;

/**
 * The topics by name, and for each record size one batch as a client with default settings sends it, which stands for
 * the whole log. Safe for any thread.
 */
final class NullLog {
    static final int PARTITIONS = 1000;
    /** kafka-clients' default batch.size. */
    private static final int BATCH_BYTES = 16_384;

    private final Map<String, Uuid> ids = new ConcurrentHashMap<>();
    private final Map<Uuid, String> names = new ConcurrentHashMap<>();
    private final Map<Integer, ByteBuf> batches = new ConcurrentHashMap<>();

    Uuid id(String topic) {
        return ids.computeIfAbsent(topic, name -> {
            Uuid id = Uuid.randomUuid();
            names.put(id, name);
            return id;
        });
    }

    String name(Uuid id) {
        return names.getOrDefault(id, "");
    }

    /** The batch of a topic: the size of its records is the number at the end of its name, 1024 without one. */
    ByteBuf batch(String topic) {
        String digits = topic.replaceAll(".*\\D", "");
        int recordBytes = digits.isEmpty() ? 1024 : Integer.parseInt(digits);
        return batches.computeIfAbsent(recordBytes, NullLog::build);
    }

    private static ByteBuf build(int recordBytes) {
        byte[] value = new byte[recordBytes];
        new Random(recordBytes).nextBytes(value);
        try (BatchBuilder builder = new BatchBuilder(PooledByteBufAllocator.DEFAULT)) {
            while (builder.recordCount() == 0 || builder.sizeInBytes() + recordBytes < BATCH_BYTES) {
                builder.add(1, null, value, List.of());
            }
            return builder.build();
        }
    }

    /** Batches from the one with {@code offset} on, as many as fit into {@code maxBytes}, at least one. */
    static ByteBuf read(ByteBufAllocator allocator, ByteBuf batch, long offset, int maxBytes) {
        int size = batch.readableBytes();
        int records = batch.getInt(57);
        int count = Math.max(1, maxBytes / size);
        ByteBuf answer = allocator.directBuffer(count * size);
        long base = offset / records * records;
        for (int i = 0; i < count; i++) {
            int at = answer.writerIndex();
            answer.writeBytes(batch, 0, size);
            answer.setLong(at, base);
            base += records;
        }
        return answer;
    }
}
