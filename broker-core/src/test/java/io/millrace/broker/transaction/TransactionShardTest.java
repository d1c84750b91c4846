// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.partition.ManualOwnerLoop;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.Urgency;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;

/** The coordinator alone, on a loop that is driven by hand, over a STATE stream kept in a list. */
class TransactionShardTest {
    private static final String ID = "tx";
    private static final int TIMEOUT_MS = 60_000;
    private static final TransactionConfig CONFIG = new TransactionConfig(1, 900_000, 1_000, 3_600_000, 60_000);
    private static final PartitionId ONE = new PartitionId(new UUID(1, 1), "one", 0);
    private static final PartitionId TWO = new PartitionId(new UUID(1, 2), "two", 3);

    /** A shard over a stream; each of its appends is durable when the test says so. */
    private static final class Fixture implements TransactionRuntime {
        final ManualOwnerLoop loop;
        final List<byte[]> stream;
        final TransactionShard shard;
        /** {@code producer epoch, commit, partition} of each marker. */
        final List<String> markers = new ArrayList<>();

        final Set<PartitionId> unreachable = new HashSet<>();
        private final List<CompletableFuture<Void>> undurable = new ArrayList<>();
        private boolean holding;
        private long nextProducerId = 100;

        Fixture() {
            this(new ManualOwnerLoop(), new ArrayList<>());
        }

        private Fixture(ManualOwnerLoop loop, List<byte[]> stream) {
            this(loop, stream, Set.of());
        }

        private Fixture(ManualOwnerLoop loop, List<byte[]> stream, Set<PartitionId> unreachable) {
            this.loop = loop;
            this.stream = stream;
            this.unreachable.addAll(unreachable);
            shard = new TransactionShard("__transaction_state-0", CONFIG, loop, this);
            stream.forEach(bytes -> shard.replay(Unpooled.wrappedBuffer(bytes)));
            shard.onServing();
        }

        /** Recovered from what this one has appended. */
        Fixture restarted() {
            shard.onLost();
            return new Fixture(loop, new ArrayList<>(stream));
        }

        Fixture restoredFromSnapshot() {
            List<byte[]> snapshot = new ArrayList<>();
            shard.snapshot(record -> {
                snapshot.add(ByteBufUtil.getBytes(record.payload()));
                record.payload().release();
            });
            shard.onLost();
            return new Fixture(loop, snapshot);
        }

        @Override
        public CompletableFuture<?> append(List<StateRecord> records, Urgency urgency) {
            for (StateRecord record : records) {
                ByteBuf payload = record.payload();
                stream.add(ByteBufUtil.getBytes(payload));
                shard.replay(payload.duplicate());
                payload.release();
            }
            CompletableFuture<Void> durable = new CompletableFuture<>();
            if (holding) {
                undurable.add(durable);
            } else {
                durable.complete(null);
            }
            return durable;
        }

        @Override
        public OwnerLoop.Timer schedule(Runnable task, long delayMs) {
            return loop.schedule(task, delayMs);
        }

        @Override
        public CompletableFuture<Long> newProducerId() {
            return CompletableFuture.completedFuture(nextProducerId++);
        }

        @Override
        public CompletableFuture<Set<PartitionId>> writeMarkers(Transaction decided, Set<PartitionId> partitions) {
            Set<PartitionId> left = new HashSet<>();
            for (PartitionId partition : partitions) {
                if (unreachable.contains(partition)) {
                    left.add(partition);
                } else {
                    markers.add(decided.producer().epoch() + " "
                            + (decided.status() == TransactionStatus.PREPARE_COMMIT) + " " + partition.topic());
                }
            }
            return CompletableFuture.completedFuture(left);
        }

        void holdDurability() {
            holding = true;
        }

        void becomeDurable() {
            holding = false;
            List<CompletableFuture<Void>> all = List.copyOf(undurable);
            undurable.clear();
            all.forEach(durable -> durable.complete(null));
        }

        ProducerIdentity init() {
            return now(shard.init(ID, TIMEOUT_MS, ProducerIdentity.NONE));
        }

        void add(ProducerIdentity producer, int version, PartitionId... partitions) {
            now(shard.add(ID, producer, Set.of(partitions), version));
        }

        ProducerIdentity end(ProducerIdentity producer, boolean commit, int version) {
            return now(shard.end(ID, producer, commit, version));
        }

        TransactionStatus status() {
            return now(shard.describe(ID)).status();
        }
    }

    private static <T> T now(CompletableFuture<T> future) {
        assertTrue(future.isDone(), "not answered yet");
        return future.join();
    }

    private static TransactionError error(CompletableFuture<?> future) {
        assertTrue(future.isDone(), "not answered yet");
        CompletionException failure = assertThrows(CompletionException.class, future::join);
        return assertInstanceOf(TransactionException.class, failure.getCause()).error();
    }

    @Test
    void aCommitIsAnsweredWithTheNextEpochWhichItsMarkersHave() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE, TWO);

        ProducerIdentity after = fixture.end(producer, true, 2);

        assertEquals(new ProducerIdentity(producer.id(), (short) (producer.epoch() + 1)), after);
        assertEquals(Set.of("1 true one", "1 true two"), Set.copyOf(fixture.markers));
        assertEquals(TransactionStatus.COMPLETE_COMMIT, fixture.status());
    }

    @Test
    void noMarkerIsWrittenBeforeTheDecisionIsDurable() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE);
        fixture.holdDurability();
        CompletableFuture<ProducerIdentity> ending = fixture.shard.end(ID, producer, true, 2);
        assertEquals(List.of(), fixture.markers);
        assertFalse(ending.isDone());

        fixture.becomeDurable();

        assertEquals(List.of("1 true one"), fixture.markers);
        assertEquals((short) 1, now(ending).epoch());
    }

    @Test
    void aDecisionIsCompletedByTheNextOwner() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE, TWO);
        fixture.unreachable.add(TWO);
        fixture.end(producer, true, 2);
        assertEquals(TransactionStatus.PREPARE_COMMIT, fixture.status());

        Fixture next = fixture.restarted();

        assertEquals(Set.of("1 true one", "1 true two"), Set.copyOf(next.markers));
        assertEquals(TransactionStatus.COMPLETE_COMMIT, next.status());
    }

    @Test
    void aPartitionThatCannotBeReachedGetsItsMarkerLater() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE, TWO);
        fixture.unreachable.add(TWO);
        ProducerIdentity after = fixture.end(producer, false, 2);
        assertEquals(TransactionError.CONCURRENT_TRANSACTIONS, error(fixture.shard.add(ID, after, Set.of(ONE), 2)));
        fixture.unreachable.clear();

        fixture.loop.advanceMs(100);

        assertEquals(List.of("1 false one", "1 false two"), fixture.markers);
        fixture.add(after, 2, ONE);
        assertEquals(TransactionStatus.ONGOING, fixture.status());
    }

    @Test
    void anUndecidedTransactionIsAbortedOnceItsTimeIsOverAlsoByTheNextOwner() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE);
        Fixture next = fixture.restoredFromSnapshot();
        next.loop.advanceMs(TIMEOUT_MS);
        assertEquals(TransactionStatus.ONGOING, next.status());

        next.loop.advanceMs(2_000);

        assertEquals(TransactionStatus.COMPLETE_ABORT, next.status());
        assertEquals(List.of("1 false one"), next.markers);
        assertEquals(TransactionError.PRODUCER_FENCED, error(next.shard.add(ID, producer, Set.of(ONE), 2)));
        assertEquals(TransactionError.INVALID_TXN_STATE, error(next.shard.end(ID, producer, true, 2)));
        assertEquals((short) 1, next.end(producer, false, 2).epoch(), "who aborts goes on, as with Kafka");
    }

    @Test
    void aNewProducerAbortsTheTransactionOfTheOneBefore() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 1, ONE);

        TransactionError first = error(fixture.shard.init(ID, TIMEOUT_MS, ProducerIdentity.NONE));
        ProducerIdentity successor = fixture.init();

        assertEquals(TransactionError.CONCURRENT_TRANSACTIONS, first);
        assertEquals(List.of("1 false one"), fixture.markers);
        assertEquals(new ProducerIdentity(producer.id(), (short) 2), successor);
        assertEquals(TransactionError.PRODUCER_FENCED, error(fixture.shard.add(ID, producer, Set.of(ONE), 1)));
    }

    @Test
    void inTheOlderFlowTheEpochStays() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        for (boolean commit : new boolean[] {true, false}) {
            fixture.add(producer, 1, ONE);
            assertEquals(producer, fixture.end(producer, commit, 1));
            assertEquals(producer, fixture.end(producer, commit, 1), "sent twice");
        }

        assertEquals(List.of("0 true one", "0 false one"), fixture.markers);
    }

    @Test
    void aLostAnswerToTheEndIsGivenAgain() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE);
        ProducerIdentity after = fixture.end(producer, true, 2);

        ProducerIdentity again = fixture.restarted().end(producer, true, 2);

        assertEquals(after, again);
    }

    @Test
    void theOppositeEndOfWhatIsDecidedIsRefused() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE);
        fixture.end(producer, true, 2);

        assertEquals(TransactionError.INVALID_TXN_STATE, error(fixture.shard.end(ID, producer, false, 2)));
    }

    @Test
    void aProducerWhoseEpochsAreUsedUpGetsAnotherId() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        while (producer.epoch() < ProducerIdentity.LAST_EPOCH) {
            producer = fixture.end(producer, false, 2);
        }
        fixture.add(producer, 2, ONE);

        ProducerIdentity after = fixture.end(producer, true, 2);

        assertEquals(List.of(Short.MAX_VALUE + " true one"), fixture.markers);
        assertEquals((short) 0, after.epoch());
        assertTrue(after.id() > producer.id());
        assertEquals(after, fixture.restarted().end(producer, true, 2), "sent twice");
    }

    @Test
    void anIdThatNobodyUsesIsForgotten() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.loop.advanceMs(3_500_000);
        assertEquals(TransactionStatus.EMPTY, fixture.status());

        fixture.loop.advanceMs(200_000);

        assertEquals(TransactionError.TRANSACTIONAL_ID_NOT_FOUND, error(fixture.shard.describe(ID)));
        assertEquals(
                TransactionError.INVALID_PRODUCER_ID_MAPPING,
                error(fixture.restarted().shard.add(ID, producer, Set.of(ONE), 2)));
    }

    @Test
    void verificationSaysWhichPartitionsBelongToTheTransaction() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 1, ONE);

        var verdicts = now(fixture.shard.verify(ID, producer, Set.of(ONE, TWO)));

        assertEquals(TransactionError.NONE, verdicts.get(ONE));
        assertEquals(TransactionError.TRANSACTION_ABORTABLE, verdicts.get(TWO));
    }

    @Test
    void aSnapshotHoldsAll() {
        Fixture fixture = new Fixture();
        ProducerIdentity producer = fixture.init();
        fixture.add(producer, 2, ONE, TWO);

        Fixture restored = fixture.restoredFromSnapshot();

        TransactionDescription description = now(restored.shard.describe(ID));
        assertEquals(Set.of(ONE, TWO), description.partitions());
        assertEquals(producer, description.producer());
        restored.end(producer, true, 2);
        assertEquals(TransactionStatus.COMPLETE_COMMIT, restored.status());
    }
}
