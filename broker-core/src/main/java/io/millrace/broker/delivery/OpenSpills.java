// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.broker.cluster.TopicInfo;
import io.millrace.broker.config.BrokerConfigKeys;
import io.millrace.broker.partition.Completions;
import io.millrace.broker.partition.Partition;
import io.millrace.broker.partition.Partitions;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.record.ReservedNames;
import io.millrace.protocol.message.Commit;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.message.Spill;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Sends on the disk that no transaction has made its own yet: the pieces of large bundles, until their commit or prepare
 * comes. Known in memory only: after a crash they are what no transaction needs. Safe for any thread.
 *
 * <pre>
 *   none --piece--> open --piece--> open --commit, prepare--> claimed --appended--> the transaction's
 *                   open --given up, a piece is refused, the link is lost--> none
 *                                           claimed --refused--> none
 * </pre>
 */
final class OpenSpills {
    private static final int MOST_OF_LINK = 1_000;
    /** Of what the broker spills by itself. */
    private static final long NO_LINK = -1;

    private final Partitions partitions;
    private final BundleIndex index;
    private final SpillLogs logs;
    private final long maxBytes;
    private final LongSupplier bytesOfOthers;
    private final Map<UUID, Open> spills = new HashMap<>();

    /** Guarded by the monitor. */
    private static final class Open {
        private final long link;
        private final Map<PartitionId, SpillWriter> writers = new TreeMap<>();
        private int pieces;
        private long bytes;
        private boolean busy;
        private boolean claimed;

        Open(long link) {
            this.link = link;
        }
    }

    /**
     * Takes what was spilled into a transaction.
     *
     * @param <T> what it answers
     */
    @FunctionalInterface
    interface Work<T> {
        /** @param appending to be set before the append is made: from then on its outcome may be unknown */
        CompletableFuture<T> run(Map<PartitionId, Spilled> spilled, AtomicBoolean appending);
    }

    /**
     * @param maxBytes what all that is spilled takes on the disk
     * @param bytesOfOthers what of it is transactions' already
     */
    OpenSpills(Partitions partitions, BundleIndex index, SpillLogs logs, long maxBytes, LongSupplier bytesOfOthers) {
        this.partitions = partitions;
        this.index = index;
        this.logs = logs;
        this.maxBytes = maxBytes;
        this.bytesOfOthers = bytesOfOthers;
    }

    /** Takes a piece; completes when it is durable. Its buffers must stay valid until then. */
    CompletableFuture<Void> take(Spill request, long link) {
        if (request.isGivenUp()) {
            drop(request.spillId());
            return CompletableFuture.completedFuture(null);
        }
        Map<Partition, List<ByteBuf>> sends = new LinkedHashMap<>();
        Open open;
        try {
            long bytes = 0;
            for (Commit.Send send : request.sends()) {
                sends.computeIfAbsent(partition(send), any -> new ArrayList<>()).add(send.batch());
                bytes += send.batch().readableBytes();
            }
            open = enter(request, link, bytes);
        } catch (RuntimeException refused) {
            drop(request.spillId());
            throw refused;
        }
        CompletableFuture<Void> answer = new CompletableFuture<>();
        Completions.whenDone(write(open, sends), (done, failure) -> {
            boolean kept = leave(request.spillId(), open, failure == null);
            if (failure != null) {
                answer.completeExceptionally(failure);
            } else if (!kept) {
                answer.completeExceptionally(gone(request.spillId()));
            } else {
                answer.complete(null);
            }
        });
        return answer;
    }

    private Partition partition(Commit.Send send) {
        TopicInfo topic = partitions.destination(send.destination());
        if (topic == null || ReservedNames.isInternalTopic(topic.name()) || ReservedNames.isTemporary(topic.name())) {
            throw new DeliveryException(
                    ErrorCode.INVALID_DESTINATION,
                    "A piece of a bundle sends to " + send.destination()
                            + ", which is no queue or topic on a disk; open it first");
        }
        return partitions.get(topic, send.partition());
    }

    private synchronized Open enter(Spill request, long link, long bytes) {
        UUID id = request.spillId();
        Open open = spills.get(id);
        int expected = open == null ? 0 : open.pieces;
        if (request.piece() != expected || request.sends().isEmpty() || (open != null && (open.busy || open.claimed))) {
            throw new DeliveryException(
                    ErrorCode.BAD_REQUEST,
                    "Piece " + request.piece() + " of " + id + " has "
                            + request.sends().size() + " sends; piece " + expected
                            + " is expected, with some, and after the one before it was answered");
        }
        if (open == null
                && spills.values().stream().filter(other -> other.link == link).count() >= MOST_OF_LINK) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE,
                    "This connection has " + MOST_OF_LINK + " bundles in pieces; the most it may have. Try again");
        }
        if (open == null) {
            open = new Open(link);
        }
        reserve(open, bytes);
        spills.put(id, open);
        open.busy = true;
        open.pieces++;
        return open;
    }

    private void reserve(Open open, long more) {
        long present = bytesOfOthers.getAsLong()
                + spills.values().stream().mapToLong(other -> other.bytes).sum();
        if (present + more > maxBytes) {
            throw new DeliveryException(
                    ErrorCode.TOO_LARGE,
                    "A transaction would take " + (open.bytes + more) + " bytes on this broker's disk before it is"
                            + " decided; large transactions and prepared branches take " + present + " of at most "
                            + maxBytes + " (" + BrokerConfigKeys.JMS_TRANSACTION_SPILL_MAX_BYTES.name()
                            + "): end branches that are in doubt, or send less in one transaction");
        }
        open.bytes += more;
    }

    private CompletableFuture<Void> write(Open open, Map<Partition, List<ByteBuf>> sends) {
        List<CompletableFuture<Void>> writes = new ArrayList<>();
        sends.forEach((partition, batches) -> {
            SpillWriter writer;
            synchronized (this) {
                writer = open.writers.computeIfAbsent(partition.id(), any -> new SpillWriter(logs, partition));
            }
            writes.add(writer.write(batches));
        });
        return Calls.all(writes);
    }

    /** Whether it is still wanted. */
    private synchronized boolean leave(UUID id, Open open, boolean written) {
        open.busy = false;
        boolean wanted = spills.get(id) == open;
        if (wanted && !written) {
            spills.remove(id);
        }
        if (!wanted || !written) {
            open.writers.values().forEach(SpillWriter::delete);
        }
        return wanted;
    }

    private static DeliveryException gone(UUID id) {
        return new DeliveryException(
                ErrorCode.TRANSACTION_ABORTED, "Pieces " + id + " were given up, or their connection was lost");
    }

    /**
     * Makes pieces a transaction's own by the append of {@code work}; where that is refused they go.
     *
     * @param bundle whose they become
     */
    <T> CompletableFuture<T> within(UUID bundle, Spill.Pieces pieces, Work<T> work) {
        if (pieces.isNone()) {
            return work.run(Map.of(), new AtomicBoolean());
        }
        Open open = claim(pieces);
        if (open == null) {
            BundlePlan.refuseWhileOutcomeIsUnknown(partitions, index, bundle);
            throw new DeliveryException(
                    ErrorCode.TRANSACTION_ABORTED,
                    "Bundle " + bundle
                            + " was not committed: not all of its pieces are here; those of a connection that"
                            + " was lost have gone");
        }
        return hand(pieces.spillId(), open, work);
    }

    /** As {@link #within}, of sends that are in memory. */
    <T> CompletableFuture<T> spilling(Map<Partition, List<ByteBuf>> sends, Work<T> work) {
        Open open = new Open(NO_LINK);
        open.claimed = true;
        UUID id = UUID.randomUUID();
        synchronized (this) {
            reserve(
                    open,
                    sends.values().stream()
                            .flatMap(List::stream)
                            .mapToLong(ByteBuf::readableBytes)
                            .sum());
            spills.put(id, open);
        }
        CompletableFuture<T> answer = new CompletableFuture<>();
        Completions.whenDone(write(open, sends), (done, failure) -> {
            if (failure != null) {
                end(id, open, SpillWriter::delete);
                answer.completeExceptionally(failure);
            } else {
                Calls.forward(hand(id, open, work), answer);
            }
        });
        return answer;
    }

    private <T> CompletableFuture<T> hand(UUID id, Open open, Work<T> work) {
        Map<PartitionId, Spilled> spilled = new TreeMap<>();
        open.writers.forEach((partition, writer) -> spilled.put(partition, writer.written()));
        AtomicBoolean appending = new AtomicBoolean();
        CompletableFuture<T> answer = new CompletableFuture<>();
        Completions.whenDone(Calls.attempt(() -> work.run(spilled, appending)), (done, failure) -> {
            if (failure == null) {
                end(id, open, writer -> {}); // the transaction's now
                answer.complete(done);
            } else {
                end(id, open, appending.get() ? SpillWriter::leave : SpillWriter::delete);
                answer.completeExceptionally(failure);
            }
        });
        return answer;
    }

    private synchronized @Nullable Open claim(Spill.Pieces pieces) {
        Open open = spills.get(pieces.spillId());
        if (open == null) {
            return null;
        } else if (open.claimed || open.busy) {
            throw new DeliveryException(
                    ErrorCode.UNAVAILABLE, "The bundle of pieces " + pieces.spillId() + " is being decided; ask again");
        } else if (open.pieces != pieces.count()) {
            drop(pieces.spillId());
            return null;
        }
        open.claimed = true;
        return open;
    }

    private synchronized void end(UUID id, Open open, Consumer<SpillWriter> with) {
        spills.remove(id);
        open.writers.values().forEach(with);
    }

    /** Nobody wants it any more; does nothing when a transaction takes it. */
    private synchronized void drop(UUID id) {
        Open open = spills.get(id);
        if (open != null && !open.claimed) {
            spills.remove(id);
            if (!open.busy) { // else whoever writes finds out
                open.writers.values().forEach(SpillWriter::delete);
            }
        }
    }

    synchronized void onLinkClosed(long link) {
        List<UUID> lost = new ArrayList<>();
        spills.forEach((id, open) -> {
            if (open.link == link) {
                lost.add(id);
            }
        });
        lost.forEach(this::drop);
    }

    /** What is open, bytes. */
    synchronized long bytes() {
        return spills.values().stream().mapToLong(open -> open.bytes).sum();
    }
}
