// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The first batch of a transaction waits for the coordinator's word (KIP-890). */
class TransactionalAppendsTest {
    private static final long PRODUCER = 7;

    private final PolicyBroker broker = new PolicyBroker(BrokerConfig.defaults(), Map.of());
    private final CompletableFuture<Void> verdict = new CompletableFuture<>();

    @AfterEach
    void close() {
        broker.close();
    }

    @Test
    void batchesThatArriveMeanwhileWaitBehindTheFirstInOrder() {
        CompletableFuture<Appended> first = send(0);
        CompletableFuture<Appended> second = send(1);
        broker.onOwner(() -> true);
        assertFalse(first.isDone());
        assertFalse(second.isDone());

        verdict.complete(null);

        assertEquals(0, first.join().baseOffset());
        assertEquals(1, second.join().baseOffset());
    }

    @Test
    void aMarkerThatComesInBetweenMakesTheVerdictOneOfThePast() {
        CompletableFuture<Appended> sent = send(0);
        end(new TransactionMarker(false, 0));

        verdict.complete(null);

        CompletionException refused = assertThrows(CompletionException.class, sent::join);
        assertEquals(
                BrokerException.Code.INVALID_TXN_STATE,
                assertInstanceOf(BrokerException.class, refused.getCause()).code());
        assertEquals(broker.partition().highWatermark(), broker.partition().lastStableOffset(), "nothing hangs");
    }

    @Test
    void aMarkerOfACoordinatorThatWasReplacedIsRefused() {
        end(new TransactionMarker(true, 5));

        CompletionException refused =
                assertThrows(CompletionException.class, () -> end(new TransactionMarker(false, 4)));

        assertEquals(
                BrokerException.Code.COORDINATOR_FENCED,
                assertInstanceOf(BrokerException.class, refused.getCause()).code());
    }

    private CompletableFuture<Appended> send(int sequence) {
        ByteBuf batch;
        try (BatchBuilder builder = new BatchBuilder(ByteBufAllocator.DEFAULT)) {
            batch = builder.producer(PRODUCER, (short) 0, sequence)
                    .transactional()
                    .add(broker.clock.wallMs(), null, "v".getBytes(UTF_8), List.of())
                    .build();
        }
        return broker.onOwner(() -> broker.partition().appendTransactional(batch, (id, epoch) -> verdict));
    }

    private void end(TransactionMarker marker) {
        broker.onOwner(() -> broker.partition().endTransaction(PRODUCER, (short) 0, marker))
                .join();
    }
}
