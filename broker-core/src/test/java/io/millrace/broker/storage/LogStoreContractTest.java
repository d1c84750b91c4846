// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogStore.LossListener;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import io.millrace.broker.storage.StorageException.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every {@link LogStore} does. */
public abstract class LogStoreContractTest {
    private static final PartitionId ORDERS = new PartitionId(UUID.randomUUID(), "orders", 0);
    private static final PartitionId STATUS = new PartitionId(UUID.randomUUID(), "status", 7);

    private final List<StorageException> losses = new CopyOnWriteArrayList<>();
    private final List<CompletableFuture<Void>> pending = new ArrayList<>();
    private LogStore store;

    /** A store over what an earlier one of this test left durable. */
    protected abstract LogStore open();

    @BeforeEach
    void openStore() {
        store = open();
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    private PartitionLog acquire(PartitionId partition, int epoch) {
        return store.acquire(partition, epoch, losses::add).join();
    }

    private void reopen() {
        store.close();
        store = open();
    }

    private static StorageException failureOf(CompletableFuture<?> future) {
        CompletionException thrown = assertThrows(CompletionException.class, future::join);
        return (StorageException) thrown.getCause();
    }

    private static List<String> stateOf(PartitionLog log) {
        List<String> entries = new ArrayList<>();
        log.replayState(entry -> entries.add(entry.toString(StandardCharsets.UTF_8)));
        return entries;
    }

    private static ByteBuf text(String text) {
        return Unpooled.copiedBuffer(text, StandardCharsets.UTF_8);
    }

    @Test
    void newLogIsEmpty() {
        PartitionLog log = acquire(ORDERS, 1);

        assertEquals(0, log.startOffset());
        assertEquals(0, log.durableEndOffset());
        assertEquals(0, log.nextOffset());
        assertEquals(List.of(), stateOf(log));
        assertEquals(0, log.read(0, 100).join().size());
        assertEquals(Set.of(ORDERS), store.partitions());
    }

    @Test
    void readsBackWhatWasAppended() {
        PartitionLog log = acquire(ORDERS, 1);

        pending.add(log.append(TestBatches.next(log, 3, 10)));
        pending.add(log.append(TestBatches.next(log, 1, 0)));
        log.append(TestBatches.next(log, 2, 5000)).join();

        assertEquals(6, log.durableEndOffset());
        assertEquals(List.of(0L, 3L, 4L), TestBatches.readAll(log));
    }

    @Test
    void readStartsAtTheBatchThatHoldsTheOffsetAndReturnsWholeBatchesUpToTheLimit() {
        PartitionLog log = acquire(ORDERS, 1);
        for (int i = 0; i < 10; i++) {
            pending.add(log.append(TestBatches.next(log, 5, 39)));
        }
        log.append(TestBatches.next(log, 5, 39)).join();

        assertEquals(List.of(5L, 10L), TestBatches.baseOffsets(log.read(7, 299).join()));
        assertEquals(
                List.of(5L, 10L, 15L), TestBatches.baseOffsets(log.read(9, 300).join()));
        assertEquals(List.of(10L), TestBatches.baseOffsets(log.read(10, 0).join()));
    }

    @Test
    void firstBatchIsReturnedHoweverLarge() {
        PartitionLog log = acquire(ORDERS, 1);
        pending.add(log.append(TestBatches.next(log, 1, 10)));
        pending.add(log.append(TestBatches.next(log, 1, 300_000)));
        log.append(TestBatches.next(log, 1, 10)).join();

        assertEquals(List.of(1L), TestBatches.baseOffsets(log.read(1, 100).join()));
        assertEquals(List.of(0L), TestBatches.baseOffsets(log.read(0, 1000).join()));
    }

    @Test
    void readOutsideOfTheLogIsRefused() {
        PartitionLog log = acquire(ORDERS, 1);
        log.append(TestBatches.next(log, 2, 10)).join();

        assertEquals(Reason.OFFSET_OUT_OF_RANGE, failureOf(log.read(3, 100)).reason());
        assertEquals(Reason.OFFSET_OUT_OF_RANGE, failureOf(log.read(-1, 100)).reason());
        assertEquals(0, log.read(2, 100).join().size());
    }

    @Test
    void offsetsMayHaveGaps() {
        PartitionLog log = acquire(ORDERS, 1);
        pending.add(log.append(LogAppend.ofData(log, TestBatches.batch(0, 1, 5, 10), 0, 5)));
        log.append(LogAppend.ofData(log, TestBatches.batch(10, 1, 5, 10), 10, 5))
                .join();

        assertEquals(List.of(10L), TestBatches.baseOffsets(log.read(4, 1000).join()));
        assertEquals(11, log.nextOffset());
    }

    @Test
    void survivesReopening() {
        PartitionLog log = acquire(ORDERS, 1);
        log.append(TestBatches.next(log, 3, 100)).join();
        log.append(LogAppend.ofState(log, text("a"), false)).join();

        reopen();
        PartitionLog again = acquire(ORDERS, 2);

        assertEquals(3, again.durableEndOffset());
        assertEquals(3, again.nextOffset());
        assertEquals(List.of(0L), TestBatches.readAll(again));
        assertEquals(List.of("a"), stateOf(again));
        again.append(TestBatches.next(again, 1, 100)).join();
        assertEquals(List.of(0L, 3L), TestBatches.readAll(again));
    }

    @Test
    void stateIsReplayedFromTheLastSnapshotOn() {
        PartitionLog log = acquire(ORDERS, 1);
        for (String entry : List.of("a", "b")) {
            pending.add(log.append(LogAppend.ofState(log, text(entry), false)));
        }
        pending.add(log.append(LogAppend.ofState(log, text("S"), true)));
        log.append(LogAppend.ofState(log, text("c"), false)).join();

        PartitionLog again = acquire(ORDERS, 2);
        assertEquals(List.of("S", "c"), stateOf(again));

        reopen();
        assertEquals(List.of("S", "c"), stateOf(acquire(ORDERS, 3)));
    }

    @Test
    void dataAndStateOfOneAppendAreDurableTogether() {
        PartitionLog log = acquire(ORDERS, 1);
        log.append(new LogAppend(log, TestBatches.batch(0, 2, 9, 20), 1, 9, text("two"), false))
                .join();

        reopen();
        PartitionLog again = acquire(ORDERS, 2);
        assertEquals(2, again.durableEndOffset());
        assertEquals(List.of("two"), stateOf(again));
    }

    @Test
    void appendsToSeveralPartitionsAtOnce() {
        PartitionLog orders = acquire(ORDERS, 1);
        PartitionLog status = acquire(STATUS, 1);

        store.append(List.of(TestBatches.next(orders, 1, 10), TestBatches.next(status, 2, 10)))
                .join();

        reopen();
        assertEquals(1, acquire(ORDERS, 2).durableEndOffset());
        assertEquals(2, acquire(STATUS, 2).durableEndOffset());
    }

    @Test
    void futuresCompleteInAppendOrder() {
        PartitionLog log = acquire(ORDERS, 1);
        List<Integer> order = new CopyOnWriteArrayList<>();
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int number = i;
            all.add(log.append(TestBatches.next(log, 1, i)).thenRun(() -> order.add(number)));
        }
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new)).join();

        assertEquals(200, order.size());
        for (int i = 0; i < 200; i++) {
            assertEquals(i, order.get(i));
        }
    }

    @Test
    void laterEpochFencesTheOwner() {
        PartitionLog old = acquire(ORDERS, 1);
        old.append(TestBatches.next(old, 1, 10)).join();
        PartitionLog owner = acquire(ORDERS, 5);

        assertEquals(
                Reason.FENCED,
                failureOf(old.append(TestBatches.next(old, 1, 10))).reason());
        assertEquals(1, owner.durableEndOffset());
        owner.append(TestBatches.next(owner, 1, 10)).join();
        assertEquals(List.of(0L, 1L), TestBatches.readAll(owner));
        assertEquals(
                List.of(Reason.FENCED),
                losses.stream().map(StorageException::reason).toList());
    }

    @Test
    void epochThatIsNotHigherIsFencedAlsoAfterReopening() {
        acquire(ORDERS, 5);

        assertEquals(
                Reason.FENCED, failureOf(store.acquire(ORDERS, 5, losses::add)).reason());
        reopen();
        assertEquals(
                Reason.FENCED, failureOf(store.acquire(ORDERS, 4, losses::add)).reason());
        assertEquals(6, acquire(ORDERS, 6).leaderEpoch());
    }

    @Test
    void epochsEndWhereTheNextBegins() {
        PartitionLog first = acquire(ORDERS, 2);
        first.append(TestBatches.next(first, 3, 10)).join();
        PartitionLog second = acquire(ORDERS, 5);
        second.append(TestBatches.next(second, 2, 10)).join();
        reopen();
        PartitionLog log = acquire(ORDERS, 6);

        assertTrue(log.endOffsetForEpoch(1).isEmpty());
        assertEquals(new EpochEnd(2, 3), log.endOffsetForEpoch(2).orElseThrow());
        assertEquals(new EpochEnd(2, 3), log.endOffsetForEpoch(4).orElseThrow());
        assertEquals(new EpochEnd(5, 5), log.endOffsetForEpoch(5).orElseThrow());
        assertEquals(new EpochEnd(6, 5), log.endOffsetForEpoch(6).orElseThrow());
        assertTrue(log.endOffsetForEpoch(7).isEmpty());
    }

    @Test
    void findsOffsetsByTimestamp() {
        PartitionLog log = acquire(ORDERS, 1);
        for (int i = 0; i < 500; i++) {
            pending.add(log.append(TestBatches.next(log, 1, 100)));
        }
        log.append(TestBatches.next(log, 1, 100)).join();

        assertEquals(0, log.offsetForTimestamp(0).join().orElseThrow().offset());
        assertEquals(321, log.offsetForTimestamp(1321).join().orElseThrow().offset());
        assertEquals(500, log.offsetForTimestamp(1500).join().orElseThrow().offset());
        assertTrue(log.offsetForTimestamp(1501).join().isEmpty());
        log.trimPrefix(400).join();
        assertEquals(400, log.offsetForTimestamp(1321).join().orElseThrow().offset());
    }

    @Test
    void trimRaisesTheStartForGood() {
        PartitionLog log = acquire(ORDERS, 1);
        for (int i = 0; i < 100; i++) {
            pending.add(log.append(TestBatches.next(log, 1, 1000)));
        }
        log.append(TestBatches.next(log, 1, 1000)).join();

        log.trimPrefix(60).join();
        log.trimPrefix(50).join();

        assertEquals(60, log.startOffset());
        assertEquals(Reason.OFFSET_OUT_OF_RANGE, failureOf(log.read(59, 10)).reason());
        assertEquals(Reason.OFFSET_OUT_OF_RANGE, failureOf(log.trimPrefix(102)).reason());
        reopen();
        PartitionLog again = acquire(ORDERS, 2);
        assertEquals(60, again.startOffset());
        assertEquals(41, TestBatches.readAll(again).size());
        again.trimPrefix(101).join();
        assertEquals(0, again.read(101, 10).join().size());
        assertEquals(101, again.nextOffset());
    }

    @Test
    void deletedPartitionIsGone() {
        PartitionLog log = acquire(ORDERS, 1);
        log.append(TestBatches.next(log, 1, 10)).join();
        acquire(STATUS, 1);

        store.delete(ORDERS).join();

        assertEquals(Set.of(STATUS), store.partitions());
        assertEquals(
                Reason.CLOSED,
                failureOf(log.append(TestBatches.next(log, 1, 10))).reason());
        Awaitility.await().until(() -> losses.size() == 1);
        reopen();
        assertEquals(Set.of(STATUS), store.partitions());
    }

    @Test
    void closedLogTakesNoAppendAndTellsNobody() {
        PartitionLog log = acquire(ORDERS, 1);
        CompletableFuture<Void> last = log.append(TestBatches.next(log, 1, 10));

        log.close().join();
        log.close().join();

        assertTrue(last.isDone() && !last.isCompletedExceptionally());
        assertEquals(
                Reason.CLOSED,
                failureOf(log.append(TestBatches.next(log, 1, 10))).reason());
        assertEquals(1, acquire(ORDERS, 2).durableEndOffset());
        assertEquals(List.of(), losses);
    }

    @Test
    void closingTheStoreMakesAppendsDurableAndRefusesLaterOnes() {
        PartitionLog log = acquire(ORDERS, 1);
        List<CompletableFuture<Void>> appends = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            appends.add(log.append(TestBatches.next(log, 1, 100)));
        }
        store.close();

        appends.forEach(CompletableFuture::join);
        assertEquals(
                Reason.CLOSED,
                failureOf(log.append(TestBatches.next(log, 1, 10))).reason());
        store = open();
        assertEquals(50, acquire(ORDERS, 2).durableEndOffset());
    }

    @Test
    void takesOverTheBuffers() {
        PartitionLog log = acquire(ORDERS, 1);
        ByteBuf data = TestBatches.batch(0, 1, 5, 10);
        ByteBuf state = text("s");
        log.append(new LogAppend(log, data, 0, 5, state, false)).join();
        acquire(ORDERS, 2);
        ByteBuf late = TestBatches.batch(1, 1, 5, 10);
        failureOf(log.append(LogAppend.ofData(log, late, 1, 5)));

        Awaitility.await().until(() -> data.refCnt() == 0 && state.refCnt() == 0 && late.refCnt() == 0);
    }

    /** For tests that need no listener. */
    protected static final LossListener NOBODY = cause -> {};
}
