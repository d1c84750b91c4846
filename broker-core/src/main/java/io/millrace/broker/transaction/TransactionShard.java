// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.partition.StateMachine;
import io.millrace.broker.partition.StateRecord;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.Urgency;
import io.millrace.broker.time.BrokerClock;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The transactions of one partition of the coordinator's topic; everything runs on that partition's owner loop. Runs each
 * command as compute, append, replay, answer: an answer leaves once all that was appended before it is durable.
 *
 * <p>As with groups all of it lives in the partition's STATE stream. A decision is final once its record is durable; then
 * the markers are written, again and again until each partition has its own, also by the next owner.
 */
final class TransactionShard implements StateMachine {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionShard.class);
    private static final long MARKER_RETRY_MS = 100;

    /** The tag of this machine's records. */
    static final byte TAG = 'T';

    private final String name;
    private final TransactionConfig config;
    private final BrokerClock clock;
    private final TransactionRuntime runtime;
    private final Map<String, Transaction> transactions = new HashMap<>();
    /** Ids for which a producer id is being fetched. */
    private final Set<String> waiting = new HashSet<>();

    private CompletableFuture<?> lastAppend = CompletableFuture.completedFuture(null);
    private boolean lost;
    private OwnerLoop.@Nullable Timer abortTimer;
    private OwnerLoop.@Nullable Timer removeTimer;

    /** @param name the partition's, for messages */
    TransactionShard(String name, TransactionConfig config, BrokerClock clock, TransactionRuntime runtime) {
        this.name = name;
        this.config = config;
        this.clock = clock;
        this.runtime = runtime;
    }

    // Producers

    /**
     * A producer begins to use the id; whoever used it before is fenced.
     *
     * @param present who the producer has been, if it goes on after an error (KIP-360)
     */
    CompletableFuture<ProducerIdentity> init(String id, int timeoutMs, ProducerIdentity present) {
        if (timeoutMs <= 0 || timeoutMs > config.maxTimeoutMs()) {
            return refuse(
                    TransactionError.INVALID_TRANSACTION_TIMEOUT,
                    "transactional id " + id + " asks for a transaction time-out of " + timeoutMs + " ms; 1 to "
                            + config.maxTimeoutMs() + " are allowed (transaction.max.timeout.ms)");
        }
        if (waiting.contains(id)) {
            return concurrent(id);
        }
        Transaction state = transactions.get(id);
        if (state == null) {
            return withProducerId(id, producerId -> Transaction.first(id, producerId, timeoutMs, clock.wallMs()));
        }
        boolean retriesRotated =
                present.id() == state.previousProducerId() && present.epoch() >= ProducerIdentity.LAST_EPOCH;
        if (!present.isNone() && present.id() != state.producer().id() && !retriesRotated) {
            return fenced(id, present);
        }
        if (state.status().isPrepared()) {
            return concurrent(id);
        }
        if (state.status() == TransactionStatus.ONGOING) {
            if (!present.isNone()
                    && present.epoch() != state.producer().epoch()
                    && present.epoch() != state.lastEpoch()) {
                return fenced(id, present);
            }
            return decide(state.fenced(clock.wallMs()), false).thenCompose(done -> concurrent(id));
        }
        return initialize(state, timeoutMs, present);
    }

    private CompletableFuture<ProducerIdentity> initialize(Transaction state, int timeoutMs, ProducerIdentity present) {
        short epoch = state.producer().epoch();
        if (!present.isNone() && present.id() == state.producer().id() && present.epoch() != epoch) {
            if (present.epoch() == state.lastEpoch()) {
                // The answer to the same request was lost.
                Transaction again = state.initialized(state.producer(), state.lastEpoch(), timeoutMs, clock.wallMs());
                return append(again, again.producer());
            }
            return fenced(state.id(), present);
        }
        if (!present.isNone() && present.id() != state.producer().id()) {
            // The producer id was changed by the request whose answer was lost.
            return append(
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
        return append(next, next.producer());
    }

    private CompletableFuture<ProducerIdentity> withProducerId(String id, LongFunction<Transaction> change) {
        waiting.add(id);
        CompletableFuture<ProducerIdentity> reply = new CompletableFuture<>();
        var unused = runtime.newProducerId().whenComplete((producerId, failure) -> {
            waiting.remove(id);
            if (failure != null) {
                LOG.warn("{}: no producer id for transactional id {}: {}", name, id, failure.toString());
                reply.completeExceptionally(new TransactionException(
                        TransactionError.COORDINATOR_NOT_AVAILABLE,
                        "no producer id could be had for transactional id " + id + ", try again: " + failure));
                return;
            }
            Transaction next = change.apply(producerId);
            hand(append(next, next.producer()), reply);
        });
        return reply;
    }

    // Partitions

    /** Makes partitions part of the producer's transaction, which begins with the first. */
    CompletableFuture<Void> add(String id, ProducerIdentity producer, Set<PartitionId> partitions, int version) {
        TransactionException refusal = refusal(id, producer);
        if (refusal != null) {
            return after(() -> {
                throw refusal;
            });
        }
        Transaction state = transactions.get(id);
        if (state == null || state.status().isPrepared()) {
            return concurrent(id);
        }
        if (state.status() == TransactionStatus.ONGOING && state.partitions().containsAll(partitions)) {
            return done();
        }
        return appended(state.with(partitions, version, clock.wallMs()));
    }

    /** Whether partitions belong to the producer's transaction (KIP-890); fails as a whole for a wrong producer. */
    CompletableFuture<Map<PartitionId, TransactionError>> verify(
            String id, ProducerIdentity producer, Set<PartitionId> partitions) {
        TransactionException refusal = refusal(id, producer);
        if (refusal != null) {
            return after(() -> {
                throw refusal;
            });
        }
        Transaction state = transactions.get(id);
        if (state == null || state.status().isPrepared()) {
            return concurrent(id);
        }
        Map<PartitionId, TransactionError> verdicts = new LinkedHashMap<>();
        for (PartitionId partition : partitions) {
            verdicts.put(
                    partition,
                    state.partitions().contains(partition)
                            ? TransactionError.NONE
                            : TransactionError.TRANSACTION_ABORTABLE);
        }
        return answer(verdicts);
    }

    private @Nullable TransactionException refusal(String id, ProducerIdentity producer) {
        Transaction state = transactions.get(id);
        if (state == null || state.producer().id() != producer.id()) {
            return new TransactionException(
                    TransactionError.INVALID_PRODUCER_ID_MAPPING,
                    "transactional id " + id
                            + (state == null
                                    ? " is not known: initialize the producer"
                                    : " belongs to producer id "
                                            + state.producer().id() + ", not to " + producer.id()));
        }
        if (waiting.contains(id)) {
            return new TransactionException(TransactionError.CONCURRENT_TRANSACTIONS, concurrentMessage(id));
        }
        return state.producer().epoch() == producer.epoch() ? null : fencing(id, producer);
    }

    // Ends

    /** Commits or aborts; completes with who the producer is from now on, when that is decided for good. */
    CompletableFuture<ProducerIdentity> end(String id, ProducerIdentity producer, boolean commit, int version) {
        Transaction state = transactions.get(id);
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
        TransactionException refusal = retry ? null : refusal(id, producer);
        if (refusal != null) {
            return after(() -> {
                throw refusal;
            });
        }
        if (state == null || waiting.contains(id)) {
            return concurrent(id);
        }
        return switch (state.status()) {
            case ONGOING -> retry ? fenced(id, producer) : prepare(state, commit, version);
            case PREPARE_COMMIT -> commit ? concurrent(id) : wrongEnd(state, false);
            case PREPARE_ABORT -> commit ? wrongEnd(state, true) : concurrent(id);
            case COMPLETE_COMMIT ->
                commit && (retry || !perTransaction)
                        ? answer(state.producer())
                        : commit || retry || !perTransaction ? wrongEnd(state, commit) : prepare(state, false, version);
            case COMPLETE_ABORT ->
                commit
                        ? wrongEnd(state, true)
                        : retry || !perTransaction ? answer(state.producer()) : prepare(state, false, version);
            case EMPTY -> commit || retry || !perTransaction ? wrongEnd(state, commit) : prepare(state, false, version);
        };
    }

    private CompletableFuture<ProducerIdentity> prepare(Transaction state, boolean commit, int version) {
        boolean bump = version >= Transaction.EPOCH_PER_TRANSACTION;
        if (!bump || !state.isEpochExhausted()) {
            Transaction decided = state.prepared(commit, bump, Transaction.NO_PRODUCER_ID, version, clock.wallMs());
            return decide(decided, true).thenApply(done -> decided.producerAfter());
        }
        waiting.add(state.id());
        CompletableFuture<ProducerIdentity> reply = new CompletableFuture<>();
        var unused = runtime.newProducerId().whenComplete((producerId, failure) -> {
            waiting.remove(state.id());
            if (failure != null || !state.equals(transactions.get(state.id()))) {
                hand(concurrent(state.id()), reply);
                return;
            }
            Transaction decided = state.prepared(commit, true, producerId, version, clock.wallMs());
            hand(decide(decided, true).thenApply(done -> decided.producerAfter()), reply);
        });
        return reply;
    }

    /**
     * Makes a decision durable and begins to write its markers.
     *
     * @param complete whether to complete once the markers were tried, so that a client that goes on at once need not
     *     try again; else as soon as the decision is durable
     */
    private CompletableFuture<Void> decide(Transaction decided, boolean complete) {
        CompletableFuture<Void> tried = new CompletableFuture<>();
        CompletableFuture<Void> durable = appended(decided);
        var unused = durable.whenComplete((done, failure) -> {
            if (failure != null) {
                tried.completeExceptionally(failure);
                return;
            }
            if (!complete) {
                tried.complete(null);
            }
            writeMarkers(decided, decided.partitions(), () -> tried.complete(null));
        });
        return tried;
    }

    private void writeMarkers(Transaction decided, Set<PartitionId> partitions, Runnable onTried) {
        if (lost || !decided.equals(transactions.get(decided.id()))) {
            onTried.run();
            return;
        }
        if (partitions.isEmpty()) {
            complete(decided);
            onTried.run();
            return;
        }
        var unused = runtime.writeMarkers(decided, partitions).thenAccept(left -> {
            if (lost || !decided.equals(transactions.get(decided.id()))) {
                onTried.run();
                return;
            }
            if (left.isEmpty()) {
                complete(decided);
            } else {
                writeMarkersAgain(decided, left);
            }
            onTried.run();
        });
    }

    private void writeMarkersAgain(Transaction decided, Set<PartitionId> left) {
        LOG.debug("{}: {} waits for markers in {}", name, decided.id(), left);
        var unused = runtime.schedule(() -> writeMarkers(decided, left, () -> {}), MARKER_RETRY_MS);
    }

    /** Nobody waits for it: were it lost the markers would be written again, before anything else is done. */
    private void complete(Transaction decided) {
        var unused = runtime.append(List.of(encode(decided.completed(clock.wallMs()))), Urgency.UNAWAITED);
    }

    // Operators

    CompletableFuture<TransactionDescription> describe(String id) {
        Transaction state = transactions.get(id);
        return state == null
                ? refuse(TransactionError.TRANSACTIONAL_ID_NOT_FOUND, "transactional id " + id + " is not known")
                : answer(TransactionDescription.of(state));
    }

    CompletableFuture<List<TransactionDescription>> list() {
        return answer(
                transactions.values().stream().map(TransactionDescription::of).toList());
    }

    // What happens by itself

    private void abortTimedOut() {
        if (lost) {
            return;
        }
        long nowMs = clock.wallMs();
        for (Transaction state : List.copyOf(transactions.values())) {
            if (state.isTimedOut(nowMs) && !waiting.contains(state.id())) {
                LOG.info(
                        "{}: the transaction of {} is aborted: it was undecided for more than {} ms",
                        name,
                        state.id(),
                        state.timeoutMs());
                var unused = decide(state.fenced(nowMs), false);
            }
        }
        abortTimer = runtime.schedule(this::abortTimedOut, config.abortIntervalMs());
    }

    private void removeExpired() {
        if (lost) {
            return;
        }
        long nowMs = clock.wallMs();
        List<StateRecord> removed = new ArrayList<>();
        for (Transaction state : transactions.values()) {
            boolean idle =
                    state.status() == TransactionStatus.EMPTY || state.status().isComplete();
            if (idle && !waiting.contains(state.id()) && nowMs - state.updateMs() >= config.expirationMs()) {
                removed.add(new StateRecord(
                        TAG, TransactionRecordCodec.encodeRemoved(state.id(), ByteBufAllocator.DEFAULT)));
            }
        }
        if (!removed.isEmpty()) {
            LOG.info("{}: {} transactional ids expired", name, removed.size());
            lastAppend = runtime.append(removed, Urgency.AWAITED);
        }
        removeTimer = runtime.schedule(this::removeExpired, config.removeIntervalMs());
    }

    // Compute, append, replay, answer

    private <T> CompletableFuture<T> append(Transaction next, T value) {
        if (!lost) {
            lastAppend = runtime.append(List.of(encode(next)), Urgency.AWAITED);
        }
        return answer(value);
    }

    private CompletableFuture<Void> appended(Transaction next) {
        return append(next, next).thenAccept(state -> {});
    }

    private CompletableFuture<Void> done() {
        return answer(true).thenAccept(yes -> {});
    }

    private <T> CompletableFuture<T> answer(T value) {
        return after(() -> value);
    }

    /** Answers when all that was appended before is durable: what the answer rests on. */
    private <T> CompletableFuture<T> after(Supplier<T> value) {
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

    private static <T> void hand(CompletableFuture<T> from, CompletableFuture<T> to) {
        var unused = from.whenComplete((value, failure) -> {
            if (failure == null) {
                to.complete(value);
            } else {
                to.completeExceptionally(failure);
            }
        });
    }

    private <T> CompletableFuture<T> refuse(TransactionError error, String message) {
        return after(() -> {
            throw new TransactionException(error, message);
        });
    }

    private <T> CompletableFuture<T> concurrent(String id) {
        return refuse(TransactionError.CONCURRENT_TRANSACTIONS, concurrentMessage(id));
    }

    private static String concurrentMessage(String id) {
        return "the last transaction of " + id + " is still being completed: try again";
    }

    private <T> CompletableFuture<T> fenced(String id, ProducerIdentity producer) {
        return after(() -> {
            throw fencing(id, producer);
        });
    }

    private TransactionException fencing(String id, ProducerIdentity producer) {
        Transaction state = transactions.get(id);
        return new TransactionException(
                TransactionError.PRODUCER_FENCED,
                "producer " + producer.id() + " of transactional id " + id + " has epoch " + producer.epoch()
                        + (state == null ? "" : "; the present one is " + state.producer())
                        + ": another producer uses the id, or the transaction timed out");
    }

    private <T> CompletableFuture<T> wrongEnd(Transaction state, boolean commit) {
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

    private static StateRecord encode(Transaction state) {
        return new StateRecord(TAG, TransactionRecordCodec.encode(state, ByteBufAllocator.DEFAULT));
    }

    // State machine

    @Override
    public byte tag() {
        return TAG;
    }

    @Override
    public void replay(ByteBuf record) {
        TransactionRecordCodec.Decoded decoded = TransactionRecordCodec.decode(record);
        Transaction state = decoded.state();
        if (state == null) {
            transactions.remove(decoded.transactionalId());
        } else {
            transactions.put(state.id(), state);
        }
    }

    @Override
    public void snapshot(Consumer<StateRecord> writer) {
        transactions.values().forEach(state -> writer.accept(encode(state)));
    }

    @Override
    public void onServing() {
        LOG.info("{}: coordinates {} transactional ids", name, transactions.size());
        for (Transaction state : List.copyOf(transactions.values())) {
            if (state.status().isPrepared()) {
                writeMarkers(state, state.partitions(), () -> {});
            }
        }
        abortTimer = runtime.schedule(this::abortTimedOut, config.abortIntervalMs());
        removeTimer = runtime.schedule(this::removeExpired, config.removeIntervalMs());
    }

    @Override
    public void onLost() {
        lost = true;
        if (abortTimer != null) {
            abortTimer.cancel();
        }
        if (removeTimer != null) {
            removeTimer.cancel();
        }
        transactions.clear();
    }
}
