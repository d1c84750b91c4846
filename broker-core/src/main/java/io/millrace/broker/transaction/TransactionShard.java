// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of one partition of the coordinator's topic; everything runs on that partition's owner loop.
 *
 * <p>As with groups all of it lives in the partition's STATE stream.
 */
final class TransactionShard implements StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionShard.class);

    /** The tag of this machine's records. */
    static final byte TAG = 'T';

    private final String name;
    private final TransactionConfig config;
    private final BrokerClock clock;
    private final TransactionRuntime runtime;
    private final TransactionTable table = new TransactionTable();
    private final TransactionAnswers answers;
    private final TransactionDecisions decisions;
    private final ProducerInit init;
    private final TransactionEnds ends;
    private OwnerLoop.@Nullable Timer abortTimer;
    private OwnerLoop.@Nullable Timer removeTimer;

    /** @param name the partition's, for messages */
    TransactionShard(String name, TransactionConfig config, BrokerClock clock, TransactionRuntime runtime) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.runtime = runtime;
        this.answers = new TransactionAnswers(name, runtime, table);
        this.decisions = new TransactionDecisions(name, clock, runtime, table, answers);
        this.init = new ProducerInit(name, config, clock, runtime, table, answers, decisions);
        this.ends = new TransactionEnds(clock, runtime, table, answers, decisions);
    }

    // Producers

    /** See {@link ProducerInit#init}. */
    CompletableFuture<ProducerIdentity> init(String id, int timeoutMs, ProducerIdentity present) {
        return init.init(id, timeoutMs, present);
    }

    /** See {@link TransactionEnds#end}. */
    CompletableFuture<ProducerIdentity> end(String id, ProducerIdentity producer, boolean commit, int version) {
        return ends.end(id, producer, commit, version);
    }

    /** Makes partitions part of the producer's transaction, which begins with the first. */
    CompletableFuture<Void> add(String id, ProducerIdentity producer, Set<PartitionId> partitions, int version) {
        TransactionException refusal = answers.refusal(id, producer);
        if (refusal != null) {
            return answers.after(() -> {
                throw refusal;
            });
        }
        Transaction state = table.find(id);
        if (state == null || state.status().isPrepared()) {
            return answers.concurrent(id);
        }
        if (state.status() == TransactionStatus.ONGOING && state.partitions().containsAll(partitions)) {
            return answers.done();
        }
        return answers.appended(state.with(partitions, version, clock.wallMs()));
    }

    /** Whether partitions belong to the producer's transaction (KIP-890); fails as a whole for a wrong producer. */
    CompletableFuture<Map<PartitionId, TransactionError>> verify(
            String id, ProducerIdentity producer, Set<PartitionId> partitions) {
        TransactionException refusal = answers.refusal(id, producer);
        if (refusal != null) {
            return answers.after(() -> {
                throw refusal;
            });
        }
        Transaction state = table.find(id);
        if (state == null || state.status().isPrepared()) {
            return answers.concurrent(id);
        }
        Map<PartitionId, TransactionError> verdicts = new LinkedHashMap<>();
        for (PartitionId partition : partitions) {
            verdicts.put(
                    partition,
                    state.partitions().contains(partition)
                            ? TransactionError.NONE
                            : TransactionError.TRANSACTION_ABORTABLE);
        }
        return answers.answer(verdicts);
    }

    // Operators

    CompletableFuture<TransactionDescription> describe(String id) {
        Transaction state = table.find(id);
        return state == null
                ? answers.refuse(
                        TransactionError.TRANSACTIONAL_ID_NOT_FOUND, "transactional id " + id + " is not known")
                : answers.answer(TransactionDescription.of(state));
    }

    CompletableFuture<List<TransactionDescription>> list() {
        return answers.answer(
                table.all().stream().map(TransactionDescription::of).toList());
    }

    // What happens by itself

    private void abortTimedOut() {
        if (answers.isLost()) {
            return;
        }
        long nowMs = clock.wallMs();
        for (Transaction state : table.all()) {
            if (state.isTimedOut(nowMs) && !table.isWaiting(state.id())) {
                LOG.info(
                        "{}: the transaction of {} is aborted: it was undecided for more than {} ms",
                        name,
                        state.id(),
                        state.timeoutMs());
                var unused = decisions.decide(state.fenced(nowMs), false);
            }
        }
        abortTimer = runtime.schedule(this::abortTimedOut, config.abortIntervalMs());
    }

    private void removeExpired() {
        if (answers.isLost()) {
            return;
        }
        long nowMs = clock.wallMs();
        List<StateRecord> removed = new ArrayList<>();
        for (Transaction state : table.all()) {
            boolean idle =
                    state.status() == TransactionStatus.EMPTY || state.status().isComplete();
            if (idle && !table.isWaiting(state.id()) && nowMs - state.updateMs() >= config.expirationMs()) {
                removed.add(new StateRecord(
                        TAG, TransactionRecordCodec.encodeRemoved(state.id(), ByteBufAllocator.DEFAULT)));
            }
        }
        if (!removed.isEmpty()) {
            LOG.info("{}: {} transactional ids expired", name, removed.size());
            answers.append(removed);
        }
        removeTimer = runtime.schedule(this::removeExpired, config.removeIntervalMs());
    }

    // State machine

    @Override
    public byte tag() {
        return TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        table.replay(record);
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        table.all().forEach(state -> writer.accept(TransactionAnswers.encode(state)));
    }

    @Override
    public void onServing() {
        LOG.info("{}: coordinates {} transactional ids", name, table.all().size());
        for (Transaction state : table.all()) {
            if (state.status().isPrepared()) {
                decisions.resume(state);
            }
        }
        abortTimer = runtime.schedule(this::abortTimedOut, config.abortIntervalMs());
        removeTimer = runtime.schedule(this::removeExpired, config.removeIntervalMs());
    }

    @Override
    public void onLost() {
        answers.onLost();
        if (abortTimer != null) {
            abortTimer.cancel();
        }
        if (removeTimer != null) {
            removeTimer.cancel();
        }
        table.clear();
    }
}
