// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.BrokerException.Code;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/** What a partition knows of one producer id: its epoch, its last batches and its transaction (KIP-98, KIP-360). */
final class ProducerEntry {
    /** As many as a Kafka producer may have in flight with idempotence. */
    static final int KEPT_BATCHES = 5;

    private final short epoch;
    private final Deque<Written> batches = new ArrayDeque<>(KEPT_BATCHES);
    private long heardMs = -1;
    private int coordinatorEpoch = -1;
    private long openOffset = -1;

    ProducerEntry(short epoch) {
        this.epoch = epoch;
    }

    /** As {@code before}, but for the batches, whose sequences begin anew with the epoch. */
    ProducerEntry(short epoch, ProducerEntry before) {
        this.epoch = epoch;
        this.heardMs = before.heardMs;
        this.coordinatorEpoch = before.coordinatorEpoch;
        this.openOffset = before.openOffset;
    }

    short epoch() {
        return epoch;
    }

    Iterable<Written> batches() {
        return batches;
    }

    /** When its last batch or marker was appended or recovered, milliseconds since the epoch. */
    long lastTimestampMs() {
        return heardMs;
    }

    /** Of the coordinator that wrote the last marker, -1 without any. */
    int coordinatorEpoch() {
        return coordinatorEpoch;
    }

    /** The first offset of its undecided transaction, -1 without one. */
    long openOffset() {
        return openOffset;
    }

    boolean isOpen() {
        return openOffset >= 0;
    }

    void openAt(long offset) {
        openOffset = offset;
    }

    void onMarker(int markerCoordinatorEpoch, long nowMs) {
        openOffset = -1;
        coordinatorEpoch = Math.max(coordinatorEpoch, markerCoordinatorEpoch);
        heardMs = nowMs;
    }

    void restore(long lastHeardMs, int lastCoordinatorEpoch, long open) {
        heardMs = lastHeardMs;
        coordinatorEpoch = lastCoordinatorEpoch;
        openOffset = open;
    }

    /** Of the last batch, -1 without any. */
    int lastSequence() {
        Written last = batches.peekLast();
        return last == null ? -1 : last.lastSequence();
    }

    /** Where the last batch ends, -1 without any. */
    long lastOffset() {
        Written last = batches.peekLast();
        return last == null ? -1 : last.lastOffset();
    }

    /** The kept batch that {@code batch} repeats, or {@code null}. */
    @Nullable
    Written duplicateOf(BatchInfo batch) {
        if (batch.producerEpoch() != epoch) {
            return null;
        }
        Iterator<Written> newestFirst = batches.descendingIterator();
        while (newestFirst.hasNext()) {
            Written written = newestFirst.next();
            if (written.firstSequence() == batch.firstSequence() && written.lastSequence() == batch.lastSequence()) {
                return written;
            }
        }
        return null;
    }

    /** Fails when {@code batch} may not follow what is known. */
    void checkNext(BatchInfo batch, Object where) {
        if (batch.producerEpoch() < epoch) {
            throw new BrokerException(
                    Code.INVALID_PRODUCER_EPOCH,
                    "Producer " + batch.producerId() + " sent epoch " + batch.producerEpoch() + " to " + where
                            + ", which knows epoch " + epoch + " of it");
        }
        Written last = batches.peekLast();
        // One that is only known by a marker starts at 0 too: with an epoch for each transaction its sequences begin
        // anew.
        int expected = batch.producerEpoch() > epoch || last == null ? 0 : increment(last.lastSequence(), 1);
        if (batch.firstSequence() != expected) {
            throw new BrokerException(
                    Code.OUT_OF_ORDER_SEQUENCE,
                    "Producer " + batch.producerId() + " sent sequence " + batch.firstSequence() + " to " + where
                            + ", expected " + expected);
        }
    }

    /** Fails when a coordinator may not end its transaction. */
    void checkMarker(BatchInfo marker, int markerCoordinatorEpoch, Object where) {
        if (marker.producerEpoch() < epoch) {
            throw new BrokerException(
                    Code.INVALID_PRODUCER_EPOCH,
                    "A marker for producer " + marker.producerId() + " has epoch " + marker.producerEpoch() + "; "
                            + where + " knows epoch " + epoch + " of it");
        }
        if (markerCoordinatorEpoch < coordinatorEpoch) {
            throw new BrokerException(
                    Code.COORDINATOR_FENCED,
                    "A marker for producer " + marker.producerId() + " comes from a coordinator of epoch "
                            + markerCoordinatorEpoch + "; " + where + " knows epoch " + coordinatorEpoch);
        }
    }

    void add(Written written) {
        if (batches.size() == KEPT_BATCHES) {
            batches.removeFirst();
        }
        batches.addLast(written);
        heardMs = written.timestampMs();
    }

    /** Sequences run from 0 to the largest int and start again at 0. */
    static int increment(int sequence, int by) {
        return (int) ((sequence + (long) by) & Integer.MAX_VALUE);
    }

    /**
     * A batch in the log.
     *
     * @param timestampMs when it was appended or recovered, milliseconds since the epoch
     */
    record Written(int firstSequence, int lastSequence, long baseOffset, long timestampMs) {
        long lastOffset() {
            return baseOffset + ((lastSequence - (long) firstSequence) & Integer.MAX_VALUE);
        }
    }
}
