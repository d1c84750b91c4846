// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.cluster.BrokerInfo;
import io.millrace.broker.cluster.InMemoryCluster;
import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.net.NetworkServer;
import io.millrace.broker.net.TestBatches;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.StorageException.Reason;
import io.millrace.broker.storage.memory.InMemoryLogStore;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Partitions over a log in memory, on real owner loops. */
class PartitionsTest {
    private static final PartitionSettings SMALL = new PartitionSettings(64, 1 << 20, BrokerConfig.defaults());

    private final InMemoryCluster cluster = new InMemoryCluster();
    private final InMemoryLogStore store = new InMemoryLogStore();
    private final OwnerLoops loops = new OwnerLoops(NetworkServer.newLoops(2));
    private Partitions partitions;
    private Partition partition;

    @BeforeEach
    void open() {
        cluster.register(new BrokerInfo(0, UUID.randomUUID(), "127.0.0.1", 1, null))
                .join();
        partitions = start();
        new Topics(cluster, partitions, TopicSettings.DEFAULT)
                .create("orders", 4, Map.of())
                .join();
        partition = partitions.get("orders", 0);
    }

    @AfterEach
    void close() {
        store.releaseAppends();
        partitions.close();
        loops.close();
        cluster.close();
    }

    @Test
    void answersOnlyWhenDurableButReplaysStateAtOnce() {
        store.holdAppends();

        CompletableFuture<Appended> answer = append(
                partition, new Append(List.of(TestBatches.of("a")), List.of(Counter.add(5)), Append.Origin.CLIENT));

        assertEquals(5, onOwner(partition, () -> partition.machine(Counter.class).sum));
        assertEquals(1, onOwner(partition, partition::nextOffset));
        assertEquals(0, partition.highWatermark());
        assertFalse(answer.isDone());
        store.releaseAppends();
        assertEquals(0, answer.join().baseOffset());
        assertEquals(1, partition.highWatermark());
    }

    @Test
    void stateAndProducersSurviveClosingAndOpening() {
        appendNow(partition, TestBatches.idempotent(9, 0, 0, "a", "b"));
        for (int i = 0; i < 20; i++) {
            append(partition, Append.ofState(List.of(Counter.add(1)))).join();
        }
        appendNow(partition, TestBatches.idempotent(9, 0, 2, "c"));

        partitions.close();
        partitions = start();
        Partition reopened = whenServing(partition.id());

        assertEquals(20, onOwner(reopened, () -> reopened.machine(Counter.class).sum));
        Appended again = appendNow(reopened, TestBatches.idempotent(9, 0, 2, "c"));
        assertTrue(again.duplicate());
        assertEquals(2, again.baseOffset());
        assertEquals(
                3, appendNow(reopened, TestBatches.idempotent(9, 0, 3, "d")).baseOffset());
    }

    @Test
    void producersAreRebuiltFromBatchesAfterACrash() {
        appendNow(partition, TestBatches.idempotent(9, 0, 0, "a", "b"));

        store.crash();
        partitions.close();
        partitions = start();
        Partition reopened = whenServing(partition.id());

        assertTrue(
                appendNow(reopened, TestBatches.idempotent(9, 0, 0, "a", "b")).duplicate());
    }

    @Test
    void aLostLogFailsWhatWaitsAndIsOpenedAgainWithFreshState() {
        append(partition, Append.ofState(List.of(Counter.add(3)))).join();
        store.holdAppends();
        CompletableFuture<Appended> waiting = append(
                partition, new Append(List.of(TestBatches.of("a")), List.of(Counter.add(4)), Append.Origin.CLIENT));
        onOwner(partition, () -> 0);

        store.fail(partition.id(), Reason.IO);

        BrokerException failure = assertInstanceOf(
                BrokerException.class,
                assertThrows(CompletionException.class, waiting::join).getCause());
        assertEquals(Code.STORAGE_FAILED, failure.code());
        store.releaseAppends();
        Awaitility.await().until(partition::isServing);
        assertEquals(3, onOwner(partition, () -> partition.machine(Counter.class).sum));
        assertEquals(1, appendNow(partition, TestBatches.of("b")).baseOffset(), "no offset is used twice");
    }

    @Test
    void appendsToSeveralPartitionsTogether() {
        Partition other = partitions.get("orders", 1);

        Map<PartitionId, Appended> answer = partitions
                .atomically(
                        Set.of(partition.id(), other.id()),
                        held -> Map.of(
                                partition.id(),
                                Append.ofClient(TestBatches.of("a")),
                                other.id(),
                                new Append(
                                        List.of(TestBatches.of("b", "c")),
                                        List.of(Counter.add(2)),
                                        Append.Origin.CLIENT)))
                .join();

        assertEquals(1, answer.get(partition.id()).nextOffset());
        assertEquals(2, answer.get(other.id()).nextOffset());
        assertEquals(2, onOwner(other, () -> other.machine(Counter.class).sum));
    }

    @Test
    void workThatRefusesChangesNothingAnywhere() {
        Partition other = partitions.get("orders", 1);

        CompletableFuture<?> refusedByCheck = partitions.atomically(Set.of(partition.id(), other.id()), held -> {
            Map<PartitionId, Append> appends = new LinkedHashMap<>();
            appends.put(partition.id(), Append.ofClient(TestBatches.of("a")));
            appends.put(other.id(), Append.ofClient(miscounted()));
            return appends;
        });
        CompletableFuture<?> refusedByWork = partitions.atomically(Set.of(partition.id(), other.id()), held -> {
            throw new BrokerException(Code.UNSUPPORTED, "no");
        });

        assertEquals(Code.INVALID_RECORD, code(refusedByCheck));
        assertEquals(Code.UNSUPPORTED, code(refusedByWork));
        assertEquals(0, onOwner(partition, partition::nextOffset));
        assertEquals(0, appendNow(partition, TestBatches.of("b")).baseOffset());
    }

    @Test
    void manyAtomicAppendsOverOverlappingPartitionsAllEnd() {
        List<CompletableFuture<?>> answers = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            PartitionId one = partitions.get("orders", i % 4).id();
            PartitionId two = partitions.get("orders", (i * 7 + 1 + i / 4) % 4).id();
            answers.add(partitions.atomically(
                    Set.copyOf(java.util.Arrays.asList(one, two).stream()
                            .distinct()
                            .toList()),
                    held -> {
                        Map<PartitionId, Append> appends = new LinkedHashMap<>();
                        held.keySet().forEach(id -> appends.put(id, Append.ofClient(TestBatches.of("x"))));
                        return appends;
                    }));
        }

        CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    @Test
    void deletingATopicRemovesItsLogs() {
        cluster.deleteTopic("orders").join();

        Awaitility.await().until(() -> store.partitions().isEmpty());
        BrokerException failure = assertThrows(BrokerException.class, () -> partitions.get("orders", 0));
        assertEquals(Code.UNKNOWN_TOPIC, failure.code());
    }

    @Test
    void whatIsDurableIsSeenAtOnceAndNobodyWaitsForItInVain() {
        CompletableFuture<Void> ownerGoesOn = new CompletableFuture<>();
        CompletableFuture<Void> waitedBefore = new CompletableFuture<>();
        CompletableFuture<Void> waitedAfter = new CompletableFuture<>();
        CompletableFuture<Void> waitsForMore = new CompletableFuture<>();
        store.holdAppends();
        CompletableFuture<Appended> answer = append(partition, Append.ofClient(TestBatches.of("a")));
        onOwner(partition, () -> 0);
        partition.awaitData(0, () -> waitedBefore.complete(null));
        partition.execute(ownerGoesOn::join);

        store.releaseAppends();

        // The owner does not know yet.
        assertFalse(answer.isDone());
        assertEquals(1, partition.highWatermark());
        partition.awaitData(0, () -> waitedAfter.complete(null));
        assertTrue(waitedAfter.isDone());
        partition.awaitData(1, () -> waitsForMore.complete(null));
        ownerGoesOn.complete(null);
        answer.join();
        waitedBefore.orTimeout(10, TimeUnit.SECONDS).join();
        assertFalse(waitsForMore.isDone());
        appendNow(partition, TestBatches.of("b"));
        waitsForMore.orTimeout(10, TimeUnit.SECONDS).join();
    }

    @Test
    void deletingRecordsRaisesTheStartForGood() {
        for (String value : List.of("a", "b", "c")) {
            appendNow(partition, TestBatches.of(value));
        }

        assertEquals(2, partition.deleteRecordsBefore(2).join());

        assertEquals(2, partition.deleteRecordsBefore(1).join(), "the start never goes back");
        assertEquals(Code.OFFSET_OUT_OF_RANGE, code(partition.read(1, 100)));
        assertEquals(Code.OFFSET_OUT_OF_RANGE, code(partition.deleteRecordsBefore(4)));
        assertEquals(Code.OFFSET_OUT_OF_RANGE, code(partition.deleteRecordsBefore(-2)));
        partitions.close();
        partitions = start();
        Partition reopened = whenServing(partition.id());
        assertEquals(2, reopened.startOffset());
        assertEquals(3, reopened.deleteRecordsBefore(Partition.ALL_RECORDS).join());
        assertEquals(3, appendNow(reopened, TestBatches.of("d")).baseOffset());
    }

    private Partitions start() {
        Partitions started =
                new Partitions(0, cluster, store, loops, BrokerClock.SYSTEM, SMALL, List.of(p -> new Counter()));
        started.start();
        return started;
    }

    private Partition whenServing(PartitionId id) {
        Awaitility.await()
                .until(() -> partitions.find(id) != null && partitions.find(id).isServing());
        return partitions.find(id);
    }

    private static Code code(CompletableFuture<?> failed) {
        CompletionException failure = assertThrows(CompletionException.class, failed::join);
        return assertInstanceOf(BrokerException.class, failure.getCause()).code();
    }

    /** Claims more records than offsets, which lies in the header. */
    private static ByteBuf miscounted() {
        ByteBuf batch = TestBatches.of("x");
        int recordCountIndex = 57;
        batch.setInt(recordCountIndex, 7);
        return batch;
    }

    private static Appended appendNow(Partition partition, ByteBuf batch) {
        return append(partition, Append.ofClient(batch)).join();
    }

    private static CompletableFuture<Appended> append(Partition partition, Append append) {
        CompletableFuture<Appended> answer = new CompletableFuture<>();
        partition.execute(() -> Completions.whenDone(partition.append(append), (appended, failure) -> {
            if (failure == null) {
                answer.complete(appended);
            } else {
                answer.completeExceptionally(failure);
            }
        }));
        return answer;
    }

    private static <T> T onOwner(Partition partition, Supplier<T> read) {
        return CompletableFuture.supplyAsync(read, partition::execute).join();
    }

    /** Adds numbers up. */
    private static final class Counter implements StateMachine {
        private long sum;

        static StateRecord add(long number) {
            return new StateRecord((byte) 100, Unpooled.buffer().writeLong(number));
        }

        @Override
        public byte tag() {
            return 100;
        }

        @Override
        public void replay(ByteBuf record) {
            sum += record.readLong();
        }

        @Override
        public void snapshot(Consumer<StateRecord> writer) {
            writer.accept(add(sum));
        }
    }
}
