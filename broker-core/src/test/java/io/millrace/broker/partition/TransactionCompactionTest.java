// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.storage.LogSlice;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.Batches;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.PrimitiveIterator;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Compaction of a log with transactions. */
class TransactionCompactionTest {
    private static final long HOUR = 3_600_000;
    private static final short EPOCH = 0;

    private final PolicyBroker broker = new PolicyBroker(
            BrokerConfig.defaults(),
            Map.of(
                    "cleanup.policy",
                    "compact",
                    "segment.bytes",
                    "4096",
                    "delete.retention.ms",
                    "" + HOUR,
                    "min.cleanable.dirty.ratio",
                    "0"));

    private int sequence;

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void abortedRecordsGoAndDoNotReplaceCommittedOnes() {
        send(1, "k", "committed");
        end(1, true);
        send(1, "k", "aborted");
        end(1, false);
        send(1, "other", "committed");
        end(1, true);
        broker.log().roll().join();

        clean();

        assertEquals(List.of("k=committed", "other=committed"), records());
        assertEquals(List.of("k=committed", "other=committed"), committed());
    }

    @Test
    void aSegmentWithAnUndecidedTransactionIsLeftAlone() {
        send(1, "k", "old");
        end(1, true);
        send(1, "k", "undecided");
        broker.log().roll().join();

        long cleanTo = clean();
        assertEquals(0, cleanTo);
        assertEquals(List.of("k=old", "k=undecided"), records());

        end(1, false);
        broker.log().roll().join();
        clean();
        assertEquals(List.of("k=old"), records());
    }

    @Test
    void aMarkerStaysWithItsRecordsAndThenUntilItsDeleteHorizon() {
        send(1, "k", "old");
        end(1, true);
        send(1, "k", "the producer's last");
        end(1, true);
        send(2, "k", "new");
        end(2, true);
        send(2, "l", "last");
        end(2, true);
        broker.log().roll().join();
        clean();
        assertEquals(List.of("k=new", "l=last"), records());
        assertEquals(
                List.of(1L, 3L, 5L, 7L), markers(), "also of a transaction without records: readers may be amid it");

        broker.clock.advanceMs(HOUR + 1);
        send(2, "m", "makes it dirty");
        end(2, true);
        broker.log().roll().join();
        clean();

        assertEquals(List.of("k=new", "l=last", "m=makes it dirty"), records());
        assertEquals(List.of(3L, 5L, 7L, 9L), markers());
        assertEquals(List.of("k=new", "l=last", "m=makes it dirty"), committed());
    }

    private void send(long producer, String key, String value) {
        ByteBuf batch;
        try (BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT)) {
            int first = producer == 1 ? sequence++ : (int) nextOf(producer);
            batch = builder.producer(producer, EPOCH, first)
                    .transactional()
                    .add(broker.clock.wallMs(), key.getBytes(UTF_8), value.getBytes(UTF_8), List.of())
                    .build();
        }
        onOwner(partition ->
                partition.appendTransactional(batch, (id, epoch) -> CompletableFuture.completedFuture(null)));
    }

    private long second;

    private long nextOf(long producer) {
        assertEquals(2, producer);
        return second++;
    }

    private void end(long producer, boolean commit) {
        onOwner(partition -> partition.endTransaction(producer, EPOCH, new TransactionMarker(commit, 0)));
    }

    private void onOwner(Function<Partition, CompletableFuture<Appended>> call) {
        CompletableFuture<Appended> answer = new CompletableFuture<>();
        Partition partition = broker.partition();
        partition.execute(() -> Completions.whenDone(call.apply(partition), (appended, failure) -> {
            if (failure == null) {
                answer.complete(appended);
            } else {
                answer.completeExceptionally(failure);
            }
        }));
        answer.join();
    }

    private long clean() {
        return broker.partitions().cleaner().clean(broker.partition()).join();
    }

    private List<String> records() {
        return records(AbortedTransactions.NONE);
    }

    /** What a reader of committed records gets. */
    private List<String> committed() {
        return records(AbortedTransactions.of(broker.partition()
                .abortedTransactions(0, broker.partition().lastStableOffset())
                .join()));
    }

    private List<String> records(AbortedTransactions aborted) {
        List<String> found = new ArrayList<>();
        forEachBatch((batches, index) -> {
            if (BatchHeader.isControl(batches, index) || aborted.covers(batches, index)) {
                return;
            }
            try (RecordReader reader = RecordReader.ofBatch(ByteBufAllocator.DEFAULT, batches, index, 1 << 20)) {
                while (reader.hasNext()) {
                    RecordView record = reader.next();
                    found.add(
                            record.key().toString(UTF_8) + "=" + record.value().toString(UTF_8));
                }
            }
        });
        return found;
    }

    private List<Long> markers() {
        List<Long> offsets = new ArrayList<>();
        forEachBatch((batches, index) -> {
            if (BatchHeader.isControl(batches, index)) {
                offsets.add(BatchHeader.baseOffset(batches, index));
            }
        });
        return offsets;
    }

    private void forEachBatch(BiConsumer<ByteBuf, Integer> visitor) {
        long next = broker.partition().startOffset();
        while (next < broker.partition().highWatermark()) {
            try (LogSlice slice = broker.partition().read(next, 1 << 20).join()) {
                ByteBuf batches = slice.buffer();
                if (!batches.isReadable()) {
                    return;
                }
                for (PrimitiveIterator.OfInt indexes = Batches.indexes(batches); indexes.hasNext(); ) {
                    int index = indexes.nextInt();
                    visitor.accept(batches, index);
                    next = BatchHeader.lastOffset(batches, index) + 1;
                }
            }
        }
    }
}
