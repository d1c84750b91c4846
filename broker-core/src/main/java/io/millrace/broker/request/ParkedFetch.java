// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.request;

import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.OwnerLoop;
import io.millrace.broker.storage.LogSlice;
import java.util.Iterator;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.common.message.FetchRequestData;
import org.apache.kafka.common.message.FetchResponseData;
import org.apache.kafka.common.message.FetchResponseData.PartitionData;
import org.jspecify.annotations.Nullable;

/**
 * One fetch on its way, owned by its connection's network loop; other threads only enqueue there. It reads in rounds,
 * one partition after the other, so that the total limit holds; while there is too little it waits for a partition to
 * grow or for the time-out, without a thread.
 */
final class ParkedFetch {
    private static final int LONGEST_WAIT_MS = 60_000;
    private static final byte READ_COMMITTED = 1;

    private final FetchReader reader;
    private final OwnerLoop timers;
    private final RequestContext.Connection connection;
    private final FetchRequestData request;
    private final FetchScope scope;
    private final boolean committed;
    private final CompletableFuture<FetchResponseData> answer = new CompletableFuture<>();
    private OwnerLoop.@Nullable Timer timer;
    private boolean lastRound;
    private boolean parked;
    private int rounds;

    ParkedFetch(
            FetchReader reader,
            OwnerLoop timers,
            RequestContext.Connection connection,
            FetchRequestData request,
            FetchScope scope) {
        this.reader = reader;
        this.timers = timers;
        this.connection = connection;
        this.request = request;
        this.scope = scope;
        this.committed = request.isolationLevel() == READ_COMMITTED;
        this.lastRound = request.maxWaitMs() <= 0 || request.minBytes() <= 0;
    }

    /** Completes on the network loop; never fails. */
    CompletableFuture<FetchResponseData> start() {
        round();
        return answer;
    }

    /** Waits no more: answers with what is there. */
    void hurry() {
        lastRound = true;
        if (parked) {
            wake(rounds);
        }
    }

    private void round() {
        rounds++;
        readOn(new FetchRound(request.maxBytes(), committed), scope.candidates());
    }

    private void readOn(FetchRound round, Iterator<FetchTarget> targets) {
        while (targets.hasNext() && (round.hasRoom() || !scope.incremental())) {
            FetchTarget target = targets.next();
            PartitionData data = reader.look(target, committed);
            CompletableFuture<LogSlice> read =
                    round.hasRoom() ? reader.read(target, data, round.remaining(), committed) : null;
            if (read != null && !read.isDone()) {
                Completions.whenDone(
                        read,
                        (slice, failure) -> connection.execute(() -> {
                            reader.take(data, slice, failure, committed, round.room());
                            round.add(target, data);
                            readOn(round, targets);
                        }));
                return;
            }
            if (read != null) {
                Completions.whenDone(
                        read, (slice, failure) -> reader.take(data, slice, failure, committed, round.room()));
            }
            round.add(target, data);
        }
        onRead(round);
    }

    private void onRead(FetchRound round) {
        boolean nothingToWaitFor = !scope.incremental() && !round.isWaitable();
        if (lastRound || nothingToWaitFor || round.isEnough(request.minBytes())) {
            OwnerLoop.Timer running = timer;
            if (running != null) {
                running.cancel();
            }
            FetchResponseData response = round.response(scope.incremental());
            scope.onAnswered(round);
            answer.complete(response);
            return;
        }
        round.releaseRecords();
        parked = true;
        int present = rounds;
        if (timer == null) {
            timer = timers.schedule(
                    () -> connection.execute(this::hurry), Math.min(request.maxWaitMs(), LONGEST_WAIT_MS));
        }
        scope.park(round, () -> connection.execute(() -> wake(present)));
    }

    /** Starts the next round, unless another wake-up of the same round has done so. */
    private void wake(int round) {
        if (parked && round == rounds) {
            parked = false;
            scope.unpark();
            round();
        }
    }
}
