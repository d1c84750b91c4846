// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.millrace.broker.cluster.Cluster;
import io.millrace.broker.partition.Completions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;

/** Hands out producer ids from blocks that the cluster gives this broker. Safe for any thread. */
public final class ProducerIds {
    private static final int BLOCK = 1_000;

    private final Cluster cluster;
    private final Deque<CompletableFuture<Long>> waiting = new ArrayDeque<>();
    private long next;
    private long end;
    private boolean fetching;

    public ProducerIds(Cluster cluster) {
        this.cluster = cluster;
    }

    public CompletableFuture<Long> next() {
        CompletableFuture<Long> answer = new CompletableFuture<>();
        boolean fetch;
        synchronized (this) {
            if (next < end) {
                return CompletableFuture.completedFuture(next++);
            }
            waiting.add(answer);
            fetch = !fetching;
            fetching = true;
        }
        if (fetch) {
            fetchBlock();
        }
        return answer;
    }

    private void fetchBlock() {
        Completions.whenDone(cluster.allocateProducerIds(BLOCK), (first, failure) -> {
            if (first != null) {
                onBlock(first);
            } else {
                onFailure(failure == null ? new IllegalStateException("no producer ids") : failure);
            }
        });
    }

    private void onBlock(long first) {
        Deque<CompletableFuture<Long>> served = new ArrayDeque<>();
        boolean more;
        long id = first;
        synchronized (this) {
            next = first;
            end = first + BLOCK;
            while (next < end && !waiting.isEmpty()) {
                served.add(waiting.remove());
                next++;
            }
            more = !waiting.isEmpty();
            fetching = more;
        }
        for (CompletableFuture<Long> answer : served) {
            answer.complete(id++);
        }
        if (more) {
            fetchBlock();
        }
    }

    private void onFailure(Throwable failure) {
        Deque<CompletableFuture<Long>> failed;
        synchronized (this) {
            failed = new ArrayDeque<>(waiting);
            waiting.clear();
            fetching = false;
        }
        failed.forEach(answer -> answer.completeExceptionally(failure));
    }
}
