// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.record.PartitionId;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A transactional id and its present or last transaction. Immutable; each change makes the next one.
 *
 * @param id the transactional id
 * @param producer who may use it; after a decision by version 2 its epoch is the next one already, which the markers have
 * @param previousProducerId the producer id before the present one, -1 without
 * @param nextProducerId the producer id once the transaction is complete, where its epochs are used up; else -1
 * @param lastEpoch the epoch before the present one, which a client that missed an answer still has; else -1
 * @param timeoutMs how long a transaction may be undecided, milliseconds
 * @param status where the transaction stands
 * @param partitions where it has batches; offsets of groups are in partitions of {@code __consumer_offsets}
 * @param startMs when the transaction began, milliseconds since the epoch; -1 without
 * @param updateMs when anything changed last, milliseconds since the epoch
 * @param version the protocol that the client speaks: 2 raises the epoch with each transaction (KIP-890)
 */
record Transaction(
        String id,
        ProducerIdentity producer,
        long previousProducerId,
        long nextProducerId,
        short lastEpoch,
        int timeoutMs,
        TransactionStatus status,
        Set<PartitionId> partitions,
        long startMs,
        long updateMs,
        int version) {
    static final long NO_PRODUCER_ID = -1;
    static final short NO_EPOCH = -1;

    /** The version from which on each transaction has an epoch of its own. */
    static final int EPOCH_PER_TRANSACTION = 2;

    Transaction {
        partitions = Set.copyOf(partitions);
    }

    /** A transactional id that gets its first producer. */
    static Transaction first(String id, long producerId, int timeoutMs, long nowMs) {
        return new Transaction(
                id,
                new ProducerIdentity(producerId, (short) 0),
                NO_PRODUCER_ID,
                NO_PRODUCER_ID,
                NO_EPOCH,
                timeoutMs,
                TransactionStatus.EMPTY,
                Set.of(),
                -1,
                nowMs,
                0);
    }

    boolean isEpochExhausted() {
        return producer.epoch() >= ProducerIdentity.LAST_EPOCH;
    }

    boolean isTimedOut(long nowMs) {
        return status == TransactionStatus.ONGOING && nowMs - startMs > timeoutMs;
    }

    /** For another producer, or the same one that starts anew: its epochs fence what was before. */
    Transaction initialized(ProducerIdentity next, short last, int newTimeoutMs, long nowMs) {
        return new Transaction(
                id,
                next,
                next.id() == producer.id() ? previousProducerId : producer.id(),
                NO_PRODUCER_ID,
                last,
                newTimeoutMs,
                checked(TransactionStatus.EMPTY),
                Set.of(),
                -1,
                nowMs,
                version);
    }

    Transaction with(Set<PartitionId> added, int clientVersion, long nowMs) {
        Set<PartitionId> all = new LinkedHashSet<>(partitions);
        all.addAll(added);
        return new Transaction(
                id,
                producer,
                previousProducerId,
                nextProducerId,
                lastEpoch,
                timeoutMs,
                checked(TransactionStatus.ONGOING),
                all,
                status == TransactionStatus.ONGOING ? startMs : nowMs,
                nowMs,
                clientVersion);
    }

    /**
     * Decided.
     *
     * @param bump whether the epoch rises with the decision
     * @param next the producer id after it; -1 for the same
     */
    Transaction prepared(boolean commit, boolean bump, long next, int clientVersion, long nowMs) {
        return new Transaction(
                id,
                bump ? new ProducerIdentity(producer.id(), (short) (producer.epoch() + 1)) : producer,
                previousProducerId,
                next,
                bump ? producer.epoch() : lastEpoch,
                timeoutMs,
                checked(commit ? TransactionStatus.PREPARE_COMMIT : TransactionStatus.PREPARE_ABORT),
                partitions,
                status == TransactionStatus.ONGOING ? startMs : nowMs,
                nowMs,
                clientVersion);
    }

    /** Aborted by the coordinator: with the next epoch, so that the producer is fenced (KIP-98). */
    Transaction fenced(long nowMs) {
        short epoch = producer.epoch() == Short.MAX_VALUE ? producer.epoch() : (short) (producer.epoch() + 1);
        return new Transaction(
                id,
                new ProducerIdentity(producer.id(), epoch),
                previousProducerId,
                NO_PRODUCER_ID,
                lastEpoch,
                timeoutMs,
                checked(TransactionStatus.PREPARE_ABORT),
                partitions,
                startMs,
                nowMs,
                version);
    }

    /** All markers are written. */
    Transaction completed(long nowMs) {
        boolean rotated = nextProducerId != NO_PRODUCER_ID;
        return new Transaction(
                id,
                rotated ? new ProducerIdentity(nextProducerId, (short) 0) : producer,
                rotated ? producer.id() : previousProducerId,
                NO_PRODUCER_ID,
                rotated ? NO_EPOCH : lastEpoch,
                timeoutMs,
                checked(
                        status == TransactionStatus.PREPARE_COMMIT
                                ? TransactionStatus.COMPLETE_COMMIT
                                : TransactionStatus.COMPLETE_ABORT),
                Set.of(),
                startMs,
                nowMs,
                version);
    }

    /** Who the producer is after the decision. */
    ProducerIdentity producerAfter() {
        return nextProducerId == NO_PRODUCER_ID ? producer : new ProducerIdentity(nextProducerId, (short) 0);
    }

    private TransactionStatus checked(TransactionStatus next) {
        if (!status.allows(next)) {
            throw new IllegalStateException("Transaction " + id + " cannot go from " + status + " to " + next);
        }
        return next;
    }
}
