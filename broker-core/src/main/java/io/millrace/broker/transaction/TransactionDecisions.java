// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.Urgency;
import io.millrace.broker.time.BrokerClock;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides transactions: a decision is final once its record is durable; then the markers are written, again and again until
 * each partition has its own. Owner loop only.
 */
final class TransactionDecisions {
    private static final Logger LOG = LoggerFactory.getLogger(TransactionDecisions.class);
    private static final long MARKER_RETRY_MS = 100;

    private final String name;
    private final BrokerClock clock;
    private final TransactionRuntime runtime;
    private final TransactionTable table;
    private final TransactionAnswers answers;

    /** @param name the partition's, for messages */
    TransactionDecisions(
            String name,
            BrokerClock clock,
            TransactionRuntime runtime,
            TransactionTable table,
            TransactionAnswers answers) {
        this.name = name;
        this.clock = clock;
        this.runtime = runtime;
        this.table = table;
        this.answers = answers;
    }

    /**
     * Makes a decision durable and begins to write its markers.
     *
     * @param complete whether to complete once the markers were tried, so that a client that goes on at once need not
     *     try again; else as soon as the decision is durable
     */
    CompletableFuture<Void> decide(Transaction decided, boolean complete) {
        CompletableFuture<Void> tried = new CompletableFuture<>();
        CompletableFuture<Void> durable = answers.appended(decided);
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

    /** Writes the markers of a decision that an owner before may have begun to write. */
    void resume(Transaction decided) {
        writeMarkers(decided, decided.partitions(), () -> {});
    }

    private void writeMarkers(Transaction decided, Set<PartitionId> partitions, Runnable onTried) {
        if (answers.isLost() || !table.isStill(decided)) {
            onTried.run();
            return;
        }
        if (partitions.isEmpty()) {
            complete(decided);
            onTried.run();
            return;
        }
        var unused = runtime.writeMarkers(decided, partitions).thenAccept(left -> {
            if (answers.isLost() || !table.isStill(decided)) {
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
        var unused = runtime.append(
                List.of(TransactionAnswers.encode(decided.completed(clock.wallMs()))), Urgency.UNAWAITED);
    }
}
