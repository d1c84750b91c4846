// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.partition.Serving.Checked;
import io.millrace.broker.partition.Serving.Prepared;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogStore;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;

/**
 * One atomic append over several partitions. Borrows them one after the other in the order of their ids, so that two
 * such appends never wait for each other; the loop of the last one does the work while it holds all. No loop blocks: a
 * lent partition's tasks queue.
 */
final class AtomicAppend {
    private final LogStore store;
    private final AtomicWork work;
    private final SortedMap<PartitionId, Partition> partitions;
    private final List<Partition> order;
    private final CompletableFuture<Map<PartitionId, Appended>> answer = new CompletableFuture<>();

    AtomicAppend(LogStore store, Map<PartitionId, Partition> partitions, AtomicWork work) {
        this.store = store;
        this.work = work;
        this.partitions = new TreeMap<>(partitions);
        this.order = List.copyOf(this.partitions.values());
    }

    CompletableFuture<Map<PartitionId, Appended>> start() {
        borrow(0);
        return answer;
    }

    private void borrow(int index) {
        if (index == order.size()) {
            runHoldingAll();
        } else {
            order.get(index).lending().lend(() -> borrow(index + 1));
        }
    }

    private void runHoldingAll() {
        order.forEach(partition -> partition.lending().take());
        try {
            submit(work.compute(partitions));
        } catch (RuntimeException refused) {
            answer.completeExceptionally(refused);
        } finally {
            order.forEach(partition -> partition.lending().giveBack());
        }
    }

    private void submit(Map<PartitionId, Append> appends) {
        List<Serving> servings = new ArrayList<>();
        List<Checked> checked = new ArrayList<>();
        List<PartitionId> ids = new ArrayList<>();
        try {
            for (Map.Entry<PartitionId, Append> entry : appends.entrySet()) {
                PartitionId id = entry.getKey();
                ids.add(id);
                Partition partition = partitions.get(id);
                if (partition == null) {
                    throw new IllegalStateException("The work appends to " + id + ", which it did not ask for");
                }
                Serving serving = partition.serving();
                servings.add(serving);
                checked.add(serving.check(entry.getValue()));
            }
        } catch (RuntimeException refused) {
            appends.values().forEach(Append::release);
            throw refused;
        }
        List<Prepared> prepared = new ArrayList<>();
        List<LogAppend> writes = new ArrayList<>();
        for (int i = 0; i < ids.size(); i++) {
            Prepared one = servings.get(i).prepare(checked.get(i));
            prepared.add(one);
            if (one.append() != null && !servings.get(i).isTemporary()) {
                writes.add(one.append());
            }
        }
        CompletableFuture<Void> durable =
                writes.isEmpty() ? CompletableFuture.completedFuture(null) : store.append(writes);
        Map<PartitionId, CompletableFuture<Appended>> answers = new HashMap<>();
        for (int i = 0; i < ids.size(); i++) {
            Prepared one = prepared.get(i);
            answers.put(
                    ids.get(i),
                    one.append() == null
                            ? servings.get(i).afterOriginal(one.answer())
                            : servings.get(i).track(one, written(servings.get(i), one.append(), durable)));
        }
        answerWhenAll(answers);
    }

    /** What goes to memory follows what goes to the disk, which decides for both. */
    private static CompletableFuture<Void> written(Serving serving, LogAppend append, CompletableFuture<Void> durable) {
        return serving.isTemporary() ? serving.writeAfter(durable, append) : durable;
    }

    private void answerWhenAll(Map<PartitionId, CompletableFuture<Appended>> answers) {
        CompletableFuture<Void> all = CompletableFuture.allOf(answers.values().toArray(CompletableFuture[]::new));
        Completions.whenDone(all, (done, failure) -> {
            if (failure != null) {
                answer.completeExceptionally(failure);
                return;
            }
            Map<PartitionId, Appended> result = new HashMap<>();
            answers.forEach((id, future) -> result.put(id, future.join()));
            answer.complete(result);
        });
    }
}
