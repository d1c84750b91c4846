// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.time.BrokerClock;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How producers begin to use a transactional id, each of them fencing those before it (KIP-98, KIP-360). Owner loop only. */
final class ProducerInit {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerInit.class);

    private final String name;
    private final TransactionConfig config;
    private final BrokerClock clock;
    private final TransactionRuntime runtime;
    private final TransactionTable table;
    private final TransactionAnswers answers;
    private final TransactionDecisions decisions;

    /** @param name the partition's, for messages */
    ProducerInit(
            String name,
            TransactionConfig config,
            BrokerClock clock,
            TransactionRuntime runtime,
            TransactionTable table,
            TransactionAnswers answers,
            TransactionDecisions decisions) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.runtime = runtime;
        this.table = table;
        this.answers = answers;
        this.decisions = decisions;
    }

    /**
     * A producer begins to use the id; whoever used it before is fenced.
     *
     * @param present who the producer has been, if it goes on after an error (KIP-360)
     */
    CompletableFuture<ProducerIdentity> init(String id, int timeoutMs, ProducerIdentity present) {
        if (timeoutMs <= 0 || timeoutMs > config.maxTimeoutMs()) {
            return answers.refuse(
                    TransactionError.INVALID_TRANSACTION_TIMEOUT,
                    "transactional id " + id + " asks for a transaction time-out of " + timeoutMs + " ms; 1 to "
                            + config.maxTimeoutMs() + " are allowed (transaction.max.timeout.ms)");
        }
        if (table.isWaiting(id)) {
            return answers.concurrent(id);
        }
        Transaction state = table.find(id);
        if (state == null) {
            return withProducerId(id, producerId -> Transaction.first(id, producerId, timeoutMs, clock.wallMs()));
        }
        boolean retriesRotated =
                present.id() == state.previousProducerId() && present.epoch() >= ProducerIdentity.LAST_EPOCH;
        if (!present.isNone() && present.id() != state.producer().id() && !retriesRotated) {
            return answers.fenced(id, present);
        }
        if (state.status().isPrepared()) {
            return answers.concurrent(id);
        }
        if (state.status() == TransactionStatus.ONGOING) {
            if (!present.isNone()
                    && present.epoch() != state.producer().epoch()
                    && present.epoch() != state.lastEpoch()) {
                return answers.fenced(id, present);
            }
            return decisions.decide(state.fenced(clock.wallMs()), false).thenCompose(done -> answers.concurrent(id));
        }
        return initialize(state, timeoutMs, present);
    }

    private CompletableFuture<ProducerIdentity> initialize(Transaction state, int timeoutMs, ProducerIdentity present) {
        short epoch = state.producer().epoch();
        if (!present.isNone() && present.id() == state.producer().id() && present.epoch() != epoch) {
            if (present.epoch() == state.lastEpoch()) {
                // The answer to the same request was lost.
                Transaction again = state.initialized(state.producer(), state.lastEpoch(), timeoutMs, clock.wallMs());
                return answers.append(again, again.producer());
            }
            return answers.fenced(state.id(), present);
        }
        if (!present.isNone() && present.id() != state.producer().id()) {
            // The producer id was changed by the request whose answer was lost.
            return answers.append(
                    state.initialized(state.producer(), Transaction.NO_EPOCH, timeoutMs, clock.wallMs()),
                    state.producer());
        }
        if (state.isEpochExhausted()) {
            return withProducerId(
                    state.id(),
                    producerId -> state.initialized(
                            new ProducerIdentity(producerId, (short) 0),
                            present.isNone() ? Transaction.NO_EPOCH : epoch,
                            timeoutMs,
                            clock.wallMs()));
        }
        Transaction next = state.initialized(
                new ProducerIdentity(state.producer().id(), (short) (epoch + 1)),
                present.isNone() ? Transaction.NO_EPOCH : epoch,
                timeoutMs,
                clock.wallMs());
        return answers.append(next, next.producer());
    }

    private CompletableFuture<ProducerIdentity> withProducerId(String id, LongFunction<Transaction> change) {
        table.await(id);
        CompletableFuture<ProducerIdentity> reply = new CompletableFuture<>();
        var unused = runtime.newProducerId().whenComplete((producerId, failure) -> {
            table.waitNoMore(id);
            if (failure != null) {
                LOG.warn("{}: no producer id for transactional id {}: {}", name, id, failure.toString());
                reply.completeExceptionally(new TransactionException(
                        TransactionError.COORDINATOR_NOT_AVAILABLE,
                        "no producer id could be had for transactional id " + id + ", try again: " + failure));
                return;
            }
            Transaction next = change.apply(producerId);
            TransactionAnswers.hand(answers.append(next, next.producer()), reply);
        });
        return reply;
    }
}
