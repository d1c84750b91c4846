// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.Append.Origin;
import io.millrace.broker.partition.BrokerException.Code;
import io.millrace.protocol.record.BatchHeader;
import io.millrace.protocol.record.TransactionMarker;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.PooledByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Appends of transactional producers to one partition. The first batch of a transaction waits until the transaction's
 * coordinator has said that the partition belongs to it, and later batches of the same producer wait behind it, in order.
 * A marker that comes in between ends the wait in vain: what the coordinator said was about the transaction before
 * (KIP-890, the verification guard). Owner only.
 */
final class TransactionalAppends {
    private final Partition partition;
    private final Map<Long, Verification> running = new HashMap<>();

    TransactionalAppends(Partition partition) {
        this.partition = partition;
    }

    private static final class Verification {
        private final List<Runnable> waiting = new ArrayList<>();
        private boolean overtaken;
    }

    /** Takes over one reference of the batch. */
    CompletableFuture<Appended> append(ByteBuf batch, TransactionVerifier verifier) {
        CompletableFuture<Appended> answer = new CompletableFuture<>();
        attempt(batch, verifier, answer);
        return answer;
    }

    private void attempt(ByteBuf batch, TransactionVerifier verifier, CompletableFuture<Appended> answer) {
        long producerId = BatchHeader.producerId(batch, batch.readerIndex());
        short epoch = BatchHeader.producerEpoch(batch, batch.readerIndex());
        Verification before = running.get(producerId);
        if (before != null) {
            before.waiting.add(() -> attempt(batch, verifier, answer));
        } else if (!partition.isServing() || partition.serving().hasOpenTransaction(producerId, epoch)) {
            submit(batch, answer);
        } else {
            verify(producerId, epoch, batch, verifier, answer);
        }
    }

    private void verify(
            long producerId,
            short epoch,
            ByteBuf batch,
            TransactionVerifier verifier,
            CompletableFuture<Appended> answer) {
        Verification verification = new Verification();
        running.put(producerId, verification);
        Completions.whenDone(
                verifier.verify(producerId, epoch),
                (done, failure) -> partition.execute(() -> {
                    running.remove(producerId, verification);
                    onVerified(verification, failure, batch, answer);
                    verification.waiting.forEach(Runnable::run);
                }));
    }

    private void onVerified(
            Verification verification, @Nullable Throwable failure, ByteBuf batch, CompletableFuture<Appended> answer) {
        if (failure == null && !verification.overtaken) {
            submit(batch, answer);
            return;
        }
        batch.release();
        answer.completeExceptionally(
                failure != null
                        ? failure
                        : new BrokerException(
                                Code.INVALID_TXN_STATE,
                                "The transaction of a batch for " + partition.id()
                                        + " ended before the batch was appended; abort it"));
    }

    private void submit(ByteBuf batch, CompletableFuture<Appended> answer) {
        Completions.whenDone(
                partition.append(new Append(List.of(batch), List.of(), Origin.TRANSACTION)), (appended, failure) -> {
                    if (appended != null) {
                        answer.complete(appended);
                    } else {
                        answer.completeExceptionally(
                                failure == null ? new IllegalStateException("no answer") : failure);
                    }
                });
    }

    CompletableFuture<Appended> end(long producerId, short producerEpoch, TransactionMarker marker) {
        ByteBuf batch = marker.toBatch(PooledByteBufAllocator.DEFAULT, producerId, producerEpoch, partition.nowMs());
        Verification overtaken = running.get(producerId);
        if (overtaken != null) {
            overtaken.overtaken = true;
        }
        return partition.append(new Append(List.of(batch), List.of(), Origin.COORDINATOR));
    }
}
