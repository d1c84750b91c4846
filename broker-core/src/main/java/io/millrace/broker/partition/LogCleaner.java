// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.config.TopicConfig;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.broker.storage.StorageException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Compacts logs on threads of its own, each partition on one of them at a time. A partition whose log cannot be
 * compacted stays served, and the others are compacted all the same. Any thread.
 */
final class LogCleaner implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LogCleaner.class);
    /** No record takes fewer bytes, so that a small log takes a small map. */
    private static final long BYTES_PER_RECORD = 8;

    private static final long MAP_BYTES_PER_KEY = 32;

    private final ExecutorService threads;
    private final long mapBytes;
    private final Set<PartitionId> inWork = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    LogCleaner(BrokerConfig config) {
        AtomicInteger count = new AtomicInteger();
        mapBytes = config.get(BrokerConfigKeys.LOG_CLEANER_DEDUPE_BUFFER_BYTES);
        threads = Executors.newFixedThreadPool(config.get(BrokerConfigKeys.LOG_CLEANER_THREADS), task -> {
            Thread thread = new Thread(task, "millrace-cleaner-" + count.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Compacts those that are due. */
    void cleanDue(Collection<Partition> partitions) {
        for (Partition partition : partitions) {
            if (isCompacted(partition) && partition.isServing()) {
                Completions.whenDone(clean(partition), (cleanTo, failure) -> {
                    if (failure != null) {
                        warn(partition, failure);
                    }
                });
            }
        }
    }

    /**
     * Compacts the partition's log if it is due; completes with the offset up to which it is clean then. At once when
     * that is being done already.
     */
    CompletableFuture<Long> clean(Partition partition) {
        if (!inWork.add(partition.id())) {
            return CompletableFuture.completedFuture(-1L);
        }
        CompletableFuture<Long> done = new CompletableFuture<>();
        partition.execute(() -> {
            try {
                begin(partition, done);
            } catch (RuntimeException refused) {
                done.completeExceptionally(refused);
            }
        });
        return done.whenComplete((cleanTo, failure) -> inWork.remove(partition.id()));
    }

    /** Collects on the owner what the work needs, and hands it over. */
    private void begin(Partition partition, CompletableFuture<Long> done) {
        Serving serving = partition.serving();
        TopicConfig config = partition.config();
        long firstDirty = serving.machine(CleanerPoint.class).firstDirty();
        CleanableRange range = CleanableRange.of(
                serving.log().segments(), firstDirty, serving.lastStableOffset(), config, partition.nowMs());
        if (range == null || closed) {
            done.complete(firstDirty);
            return;
        }
        long bytes = Math.min(mapBytes, range.dirtyBytes() / BYTES_PER_RECORD * MAP_BYTES_PER_KEY);
        Set<Long> lastOffsets = serving.producersLastOffsets();
        threads.execute(() -> {
            try {
                long cleanTo = new Cleaning(
                                serving.log(),
                                range,
                                config,
                                lastOffsets,
                                partition::abortedTransactions,
                                partition.nowMs(),
                                bytes)
                        .run();
                partition.execute(() -> finish(partition, serving, cleanTo, done));
            } catch (RuntimeException failed) {
                done.completeExceptionally(failed);
            }
        });
    }

    private static void finish(Partition partition, Serving cleaned, long cleanTo, CompletableFuture<Long> done) {
        if (!partition.isServing() || partition.serving() != cleaned) {
            done.complete(-1L);
            return;
        }
        LOG.debug("Partition {}: compacted up to offset {}", partition.id(), cleanTo);
        Completions.whenDone(
                partition.append(Append.ofState(List.of(CleanerPoint.at(cleanTo)))), (appended, failure) -> {
                    if (failure == null) {
                        done.complete(cleanTo);
                    } else {
                        done.completeExceptionally(failure);
                    }
                });
    }

    private static boolean isCompacted(Partition partition) {
        return partition.config().isCompacted()
                && !ReservedNames.isInternalTopic(partition.id().topic());
    }

    private static void warn(Partition partition, Throwable failure) {
        Throwable cause = Completions.unwrap(failure);
        boolean trimmedOrClosed = (cause instanceof StorageException storage
                        && storage.reason() == StorageException.Reason.CLOSED)
                || (cause instanceof BrokerException broker && broker.code() == BrokerException.Code.NOT_LEADER);
        if (trimmedOrClosed) {
            LOG.debug("Compacting {} ended early: {}", partition.id(), cause.toString());
        } else {
            LOG.warn("Compacting {} failed; it stays served and is tried again: {}", partition.id(), cause.toString());
        }
    }

    /** Takes no more work; what is running ends with its log. Idempotent. */
    @Override
    public void close() {
        closed = true;
        threads.shutdown();
    }
}
