// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * What a command leads to: records to append, and answers to be given once they are durable. Filled on the owner loop
 * while the command is computed; nothing happens before the runtime acts on it.
 */
final class Outcome {
    private final long wallMs;
    private final List<GroupRecord> records = new ArrayList<>();
    private final List<Answer<?>> answers = new ArrayList<>();

    /** @param wallMs the time for the records, milliseconds since the epoch */
    Outcome(long wallMs) {
        this.wallMs = wallMs;
    }

    long wallMs() {
        return wallMs;
    }

    void append(GroupRecord record) {
        records.add(record);
    }

    <T> void answer(CompletableFuture<T> reply, T value) {
        answers.add(new Answer<>(reply, value));
    }

    void answerDone(CompletableFuture<Void> reply) {
        CompletableFuture<Boolean> done = new CompletableFuture<>();
        var unused = done.whenComplete((value, failure) -> {
            if (failure == null) {
                reply.complete(null);
            } else {
                reply.completeExceptionally(failure);
            }
        });
        answer(done, true);
    }

    List<GroupRecord> records() {
        return records;
    }

    /** Gives the answers: the records are durable. */
    void publish() {
        answers.forEach(Answer::give);
    }

    /** The records were not made durable, so nothing may be answered as done. */
    void fail(GroupException cause) {
        answers.forEach(answer -> answer.reply().completeExceptionally(cause));
    }

    private record Answer<T>(CompletableFuture<T> reply, T value) {
        void give() {
            reply.complete(value);
        }
    }
}
