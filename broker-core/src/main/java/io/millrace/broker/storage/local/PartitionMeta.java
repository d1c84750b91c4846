// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.PartitionLog.EpochEnd;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a partition's file {@code meta} says. Immutable.
 *
 * @param reservedOffset under {@code flush=os} the log gives out no offset at or above it before a higher one is
 *     durable; 0 for no such promise
 * @param epochs where each leader epoch started; the last one is the highest that acquired the partition
 */
record PartitionMeta(PartitionId partition, long startOffset, long reservedOffset, NavigableMap<Integer, Long> epochs) {
    private static final String FILE = "meta";
    private static final String FORMAT = "2";

    static PartitionMeta initial(PartitionId partition) {
        return new PartitionMeta(partition, 0, 0, new TreeMap<>());
    }

    /** The epoch of the last acquisition; -1 before the first. */
    int leaderEpoch() {
        return epochs.isEmpty() ? -1 : epochs.lastKey();
    }

    /** The next offset at the last acquisition; 0 before the first. */
    long lastEpochStart() {
        return epochs.isEmpty() ? 0 : epochs.lastEntry().getValue();
    }

    PartitionMeta withEpoch(int leaderEpoch, long firstOffset) {
        TreeMap<Integer, Long> more = new TreeMap<>(epochs);
        // An epoch that wrote nothing ends where it starts; its entry tells nothing once the next one starts there too.
        more.values().removeIf(start -> start == firstOffset);
        more.put(leaderEpoch, firstOffset);
        return new PartitionMeta(partition, startOffset, reservedOffset, more);
    }

    /** With the epochs above the last one that batches carry: they began after this was written. */
    PartitionMeta withEpochsOf(EpochStarts batches) {
        PartitionMeta more = this;
        for (Map.Entry<Integer, Long> epoch : batches.above(leaderEpoch()).entrySet()) {
            more = more.withEpoch(epoch.getKey(), epoch.getValue());
        }
        return more;
    }

    PartitionMeta withReservedOffset(long reserved) {
        return new PartitionMeta(partition, startOffset, reserved, epochs);
    }

    PartitionMeta withStartOffset(long newStartOffset) {
        TreeMap<Integer, Long> kept = new TreeMap<>(epochs);
        while (kept.size() > 1 && kept.higherEntry(kept.firstKey()).getValue() <= newStartOffset) {
            kept.pollFirstEntry();
        }
        return new PartitionMeta(partition, newStartOffset, reservedOffset, kept);
    }

    Optional<EpochEnd> endOffsetForEpoch(int leaderEpoch, long logEnd) {
        Map.Entry<Integer, Long> epoch = epochs.floorEntry(leaderEpoch);
        if (epoch == null || leaderEpoch > epochs.lastKey()) {
            return Optional.empty();
        }
        Map.Entry<Integer, Long> next = epochs.higherEntry(epoch.getKey());
        return Optional.of(new EpochEnd(epoch.getKey(), next == null ? logEnd : next.getValue()));
    }

    void write(FileLayer files, Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add("format=" + FORMAT);
        lines.add("topicId=" + partition.topicId());
        lines.add("topic=" + partition.topic());
        lines.add("partition=" + partition.partition());
        lines.add("startOffset=" + startOffset);
        lines.add("reservedOffset=" + reservedOffset);
        epochs.forEach((epoch, start) -> lines.add("epoch." + epoch + "=" + start));
        AtomicFile.write(files, directory.resolve(FILE), lines);
    }

    /** {@code null} when the directory has no such file. */
    static @Nullable PartitionMeta read(FileLayer files, Path directory) throws IOException {
        Path path = directory.resolve(FILE);
        List<String> lines = AtomicFile.read(files, path);
        if (lines == null) {
            return null;
        }
        TreeMap<String, String> values = new TreeMap<>();
        TreeMap<Integer, Long> epochs = new TreeMap<>();
        for (String line : lines) {
            int equals = line.indexOf('=');
            String key = line.substring(0, equals);
            String value = line.substring(equals + 1);
            if (key.startsWith("epoch.")) {
                epochs.put(Integer.valueOf(key.substring(6)), Long.valueOf(value));
            } else {
                values.put(key, value);
            }
        }
        if (!FORMAT.equals(values.get("format"))) {
            throw StorageErrors.corrupt(path, 0, "its format is not one that this version of Millrace reads");
        }
        PartitionId partition = new PartitionId(
                UUID.fromString(values.get("topicId")),
                values.getOrDefault("topic", ""),
                Integer.parseInt(values.get("partition")));
        return new PartitionMeta(
                partition,
                Long.parseLong(values.get("startOffset")),
                Long.parseLong(values.get("reservedOffset")),
                epochs);
    }
}
