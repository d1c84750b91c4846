// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.storage.Urgency;
import io.netty.buffer.ByteBufAllocator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Brings what a {@link TransactionShard}'s commands computed into effect: appends it, and answers, or refuses, once all that
 * was appended before is durable. Owner loop only.
 */
final class TransactionAnswers {
    private final String name;
    private final TransactionRuntime runtime;
    private final TransactionTable table;
    private CompletableFuture<?> lastAppend = CompletableFuture.completedFuture(null);
    private boolean lost;

    /** @param name the partition's, for messages */
    TransactionAnswers(String name, TransactionRuntime runtime, TransactionTable table) {
        this.name = name;
        this.runtime = runtime;
        this.table = table;
    }

    /** Ownership ended: nothing is appended any more, and nothing answered as done. */
    void onLost() {
        lost = true;
    }

    boolean isLost() {
        return lost;
    }

    void append(List<StateRecord> records) {
        if (!lost) {
            lastAppend = runtime.append(records, Urgency.AWAITED);
        }
    }

    /** Appends a transaction's next state; answers when it is durable. */
    <T> CompletableFuture<T> append(Transaction next, T value) {
        append(List.of(encode(next)));
        return answer(value);
    }

    CompletableFuture<Void> appended(Transaction next) {
        return append(next, next).thenAccept(state -> {});
    }

    CompletableFuture<Void> done() {
        return answer(true).thenAccept(yes -> {});
    }

    <T> CompletableFuture<T> answer(T value) {
        return after(() -> value);
    }

    /** Answers when all that was appended before is durable: what the answer rests on. */
    <T> CompletableFuture<T> after(Supplier<T> value) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        if (lost) {
            reply.completeExceptionally(notOwned());
            return reply;
        }
        var unused = lastAppend.whenComplete((done, failure) -> {
            if (failure != null) {
                reply.completeExceptionally(notOwned());
                return;
            }
            try {
                reply.complete(value.get());
            } catch (TransactionException refused) {
                reply.completeExceptionally(refused);
            }
        });
        return reply;
    }

    /** Completes one as the other. */
    static <T> void hand(CompletableFuture<T> from, CompletableFuture<T> to) {
        var unused = from.whenComplete((value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    <T> CompletableFuture<T> refuse(TransactionError error, String message) {
        return after(() -> {
            throw new TransactionException(error, message);
        });
    }

    <T> CompletableFuture<T> concurrent(String id) {
        return refuse(TransactionError.CONCURRENT_TRANSACTIONS, concurrentMessage(id));
    }

    private static String concurrentMessage(String id) {
        return "the last transaction of " + id + " is still being completed: try again";
    }

    <T> CompletableFuture<T> fenced(String id, ProducerIdentity producer) {
        return after(() -> {
            throw fencing(id, producer);
        });
    }

    private TransactionException fencing(String id, ProducerIdentity producer) {
        Transaction state = table.find(id);
        return new TransactionException(
                TransactionError.PRODUCER_FENCED,
                "producer " + producer.id() + " of transactional id " + id + " has epoch " + producer.epoch()
                        + (state == null ? "" : "; the present one is " + state.producer())
                        + ": another producer uses the id, or the transaction timed out");
    }

    <T> CompletableFuture<T> wrongEnd(Transaction state, boolean commit) {
        return refuse(
                TransactionError.INVALID_TXN_STATE,
                "the transaction of " + state.id() + " is " + state.status().kafkaName() + " and cannot be "
                        + (commit ? "committed" : "aborted"));
    }

    private TransactionException notOwned() {
        return new TransactionException(
                TransactionError.NOT_COORDINATOR,
                name + " is not served by this broker any more: find the coordinator again");
    }

    static StateRecord encode(Transaction state) {
        return new StateRecord(TransactionShard.TAG, TransactionRecordCodec.encode(state, ByteBufAllocator.DEFAULT));
    }

    /** Why a producer may not change the transaction; {@code null} where it may. */
    @Nullable
    TransactionException refusal(String id, ProducerIdentity producer) {
        Transaction state = table.find(id);
        if (state == null || state.producer().id() != producer.id()) {
            return new TransactionException(
                    TransactionError.INVALID_PRODUCER_ID_MAPPING,
                    "transactional id " + id
                            + (state == null
                                    ? " is not known: initialize the producer"
                                    : " belongs to producer id "
                                            + state.producer().id() + ", not to " + producer.id()));
        }
        if (table.isWaiting(id)) {
            return new TransactionException(TransactionError.CONCURRENT_TRANSACTIONS, concurrentMessage(id));
        }
        return state.producer().epoch() == producer.epoch() ? null : fencing(id, producer);
    }
}
