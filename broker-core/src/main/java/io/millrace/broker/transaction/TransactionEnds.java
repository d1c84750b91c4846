// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.time.BrokerClock;
import java.util.concurrent.CompletableFuture;

/** How a producer ends its transaction, by the protocol's version 2 (KIP-890) or those before. Owner loop only. */
final class TransactionEnds {
    private final BrokerClock clock;
    private final TransactionRuntime runtime;
    private final TransactionTable table;
    private final TransactionAnswers answers;
    private final TransactionDecisions decisions;

    TransactionEnds(
            BrokerClock clock,
            TransactionRuntime runtime,
            TransactionTable table,
            TransactionAnswers answers,
            TransactionDecisions decisions) {
        this.clock = clock;
        this.runtime = runtime;
        this.table = table;
        this.answers = answers;
        this.decisions = decisions;
    }

    /** Commits or aborts; completes with who the producer is from now on, when that is decided for good. */
    CompletableFuture<ProducerIdentity> end(String id, ProducerIdentity producer, boolean commit, int version) {
        Transaction state = table.find(id);
        boolean perTransaction = version >= Transaction.EPOCH_PER_TRANSACTION;
        boolean retriesBumped = state != null
                && state.version() >= Transaction.EPOCH_PER_TRANSACTION
                && state.producer().id() == producer.id()
                && state.producer().epoch() == producer.epoch() + 1;
        boolean retriesRotated = state != null
                && state.version() >= Transaction.EPOCH_PER_TRANSACTION
                && state.previousProducerId() == producer.id()
                && producer.epoch() == ProducerIdentity.LAST_EPOCH
                && state.producer().epoch() == 0;
        boolean retry = perTransaction && (retriesBumped || retriesRotated);
        TransactionException refusal = retry ? null : answers.refusal(id, producer);
        if (refusal != null) {
            return answers.after(() -> {
                throw refusal;
            });
        }
        if (state == null || table.isWaiting(id)) {
            return answers.concurrent(id);
        }
        return switch (state.status()) {
            case ONGOING -> retry ? answers.fenced(id, producer) : prepare(state, commit, version);
            case PREPARE_COMMIT -> commit ? answers.concurrent(id) : answers.wrongEnd(state, false);
            case PREPARE_ABORT -> commit ? answers.wrongEnd(state, true) : answers.concurrent(id);
            case COMPLETE_COMMIT ->
                commit && (retry || !perTransaction)
                        ? answers.answer(state.producer())
                        : commit || retry || !perTransaction
                                ? answers.wrongEnd(state, commit)
                                : prepare(state, false, version);
            case COMPLETE_ABORT ->
                commit
                        ? answers.wrongEnd(state, true)
                        : retry || !perTransaction ? answers.answer(state.producer()) : prepare(state, false, version);
            case EMPTY ->
                commit || retry || !perTransaction ? answers.wrongEnd(state, commit) : prepare(state, false, version);
        };
    }

    private CompletableFuture<ProducerIdentity> prepare(Transaction state, boolean commit, int version) {
        boolean bump = version >= Transaction.EPOCH_PER_TRANSACTION;
        if (!bump || !state.isEpochExhausted()) {
            Transaction decided = state.prepared(commit, bump, Transaction.NO_PRODUCER_ID, version, clock.wallMs());
            return decisions.decide(decided, true).thenApply(done -> decided.producerAfter());
        }
        table.await(state.id());
        CompletableFuture<ProducerIdentity> reply = new CompletableFuture<>();
        var unused = runtime.newProducerId().whenComplete((producerId, failure) -> {
            table.waitNoMore(state.id());
            if (failure != null || !table.isStill(state)) {
                TransactionAnswers.hand(answers.concurrent(state.id()), reply);
                return;
            }
            Transaction decided = state.prepared(commit, true, producerId, version, clock.wallMs());
            TransactionAnswers.hand(decisions.decide(decided, true).thenApply(done -> decided.producerAfter()), reply);
        });
        return reply;
    }
}
