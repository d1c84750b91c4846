// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.millrace.broker.time.BrokerClock;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Runs the commands of a {@link GroupShard} as compute, append, replay, answer: an answer leaves once all that was appended
 * before it is durable. Owner loop only.
 */
final class GroupCommands {
    private final BrokerClock clock;
    private final GroupRuntime runtime;
    private final GroupTable table;
    private final StateAppender appender;

    /** @param name the partition's, for messages */
    GroupCommands(String name, BrokerClock clock, GroupRuntime runtime, GroupTable table) {
        this.clock = clock;
        this.runtime = runtime;
        this.table = table;
        this.appender = new StateAppender(name, runtime);
    }

    /** Whether ownership has ended: nothing is computed any more. */
    boolean isLost() {
        return appender.isLost();
    }

    void onLost() {
        appender.onLost();
    }

    /** Answers with what the command gives, once what it appended is durable. */
    <T> CompletableFuture<T> run(GroupEntry entry, Function<Outcome, T> command) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, command.apply(out));
        finish(entry, out);
        return reply;
    }

    /** Answers when all that was appended before is durable. */
    <T> CompletableFuture<T> answer(T value) {
        CompletableFuture<T> reply = new CompletableFuture<>();
        Outcome out = outcome();
        out.answer(reply, value);
        appender.perform(out);
        return reply;
    }

    /** Brings what was computed for a group into effect and sees to its timer. */
    void finish(GroupEntry entry, Outcome out) {
        appender.perform(out);
        if (!table.contains(entry)) {
            entry.disarm(); // removed by what was just replayed
        } else if (!table.removeIfBlank(entry)) {
            arm(entry);
        }
    }

    Outcome outcome() {
        return new Outcome(clock.wallMs());
    }

    /** Of the monotonic clock, milliseconds. */
    long nowMs() {
        return clock.nanos() / 1_000_000;
    }

    /** Brings into effect what was computed for no group, or for several. */
    void perform(Outcome out) {
        appender.perform(out);
    }

    /** Has the group looked at when it is next due. */
    void arm(GroupEntry entry) {
        entry.arm(nowMs(), runtime, () -> onTimer(entry));
    }

    private void onTimer(GroupEntry entry) {
        entry.onTimer();
        if (isLost()) {
            return;
        }
        Outcome out = outcome();
        entry.group().tick(nowMs(), out);
        finish(entry, out);
    }
}
