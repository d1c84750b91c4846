// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.partition.OwnerLoop;
import io.millrace.protocol.message.Pull;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * A pull that is not answered yet; owned by the link's loop. It is offered to the consumer's partitions as a ticket,
 * and with a new one whenever a ticket turned out to have no records.
 */
final class ParkedPull {
    private final Pull request;
    private final CompletableFuture<List<Pull.Run>> answer = new CompletableFuture<>();
    private final List<CompletableFuture<Void>> drains = new ArrayList<>();
    private @Nullable PullTicket ticket;
    private OwnerLoop.@Nullable Timer timer;
    private boolean ending;

    ParkedPull(Pull request) {
        this.request = request;
    }

    Pull request() {
        return request;
    }

    CompletableFuture<List<Pull.Run>> answer() {
        return answer;
    }

    void offeredAs(PullTicket newTicket) {
        ticket = newTicket;
    }

    /** As what it is offered; {@code null} before it was. */
    @Nullable
    PullTicket ticket() {
        return ticket;
    }

    /** Whether no partition serves the pull now, nor will. */
    boolean takeBack() {
        PullTicket offered = ticket;
        return offered == null || offered.take();
    }

    void endAt(OwnerLoop.Timer newTimer) {
        timer = newTimer;
    }

    boolean isEnding() {
        return ending;
    }

    void end() {
        ending = true;
    }

    void onDrain(CompletableFuture<Void> drained) {
        drains.add(drained);
    }

    void complete(List<Pull.Run> runs) {
        cancelTimer();
        answer.complete(runs);
        drains.forEach(drain -> drain.complete(null));
    }

    void fail(Throwable failure) {
        cancelTimer();
        answer.completeExceptionally(failure);
        drains.forEach(drain -> drain.complete(null));
    }

    private void cancelTimer() {
        if (timer != null) {
            timer.cancel();
        }
    }
}
