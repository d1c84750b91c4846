// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.storage.StorageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store's file {@code checkpoint}: up to where each partition's files were synced, which segments that were, and up
 * to which journal frame that is everything. Recovery trusts synced bytes, checks what lies behind them, and misses a
 * segment that is gone; without this file it checks all.
 *
 * @param sequence the journal sequence up to which all is synced
 * @param cleanGeneration the journal generation with which the store was closed in order, nothing left to recover; -1
 *     while it runs
 * @param flush how the store ran that wrote this: what a crash of it may leave
 * @param bootId of the machine's run in which this was written ({@link FileLayer#bootId()}): while it is the same,
 *     nothing that was written is lost; empty when that is not known
 */
record Checkpoint(
        long sequence, long cleanGeneration, FlushMode flush, String bootId, Map<PartitionKey, Position> positions) {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpoint.class);
    private static final String FILE = "checkpoint";
    private static final String SEQUENCE = "sequence ";

    /**
     * Where a partition's files ended at its last sync; a file is named by its first offset or ordinal, -1 for none.
     *
     * @param nextOffset no offset below it is given out any more
     * @param segments base offsets of all segments there were, ascending
     */
    record Position(
            long dataFile, long dataBytes, long stateFile, long stateBytes, long nextOffset, List<Long> segments) {
        private static final String NO_SEGMENT = "-";
        static final Position NONE = new Position(-1, 0, -1, 0, 0, List.of());

        Position withNextOffset(long atLeast) {
            return atLeast <= nextOffset
                    ? this
                    : new Position(dataFile, dataBytes, stateFile, stateBytes, atLeast, segments);
        }

        private String segmentsText() {
            return segments.isEmpty()
                    ? NO_SEGMENT
                    : segments.stream().map(String::valueOf).collect(Collectors.joining(","));
        }

        private static List<Long> segmentsOf(String text) {
            return text.equals(NO_SEGMENT)
                    ? List.of()
                    : Stream.of(text.split(",", -1)).map(Long::valueOf).toList();
        }
    }

    Checkpoint(long sequence, long cleanGeneration, Map<PartitionKey, Position> positions) {
        this(sequence, cleanGeneration, FlushMode.COMMIT, "", positions);
    }

    Position position(PartitionKey key) {
        return positions.getOrDefault(key, Position.NONE);
    }

    /** Whether it needs not be written where {@code other} is: how far the journal was applied, the journal tells. */
    boolean saysTheSame(Checkpoint other) {
        return equals(new Checkpoint(sequence, other.cleanGeneration, other.flush, other.bootId, other.positions));
    }

    void write(FileLayer files, Path directory) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(SEQUENCE + sequence + " " + cleanGeneration + " " + flush.text() + " " + bootId);
        positions.forEach((key, at) -> lines.add(key.topicId() + " " + key.partition() + " " + at.dataFile + " "
                + at.dataBytes + " " + at.stateFile + " " + at.stateBytes + " " + at.nextOffset + " "
                + at.segmentsText()));
        AtomicFile.write(files, directory.resolve(FILE), lines);
    }

    static Checkpoint read(FileLayer files, Path directory) throws IOException {
        @Nullable List<String> lines = null;
        try {
            lines = AtomicFile.read(files, directory.resolve(FILE));
        } catch (StorageException damaged) {
            LOG.warn("{}; all of every log is checked instead", damaged.getMessage());
        }
        Map<PartitionKey, Position> positions = new HashMap<>();
        if (lines == null) {
            return new Checkpoint(0, -1, positions);
        }
        for (String line : lines.subList(1, lines.size())) {
            String[] part = line.split(" ", -1);
            positions.put(
                    new PartitionKey(UUID.fromString(part[0]), Integer.parseInt(part[1])),
                    new Position(
                            Long.parseLong(part[2]),
                            Long.parseLong(part[3]),
                            Long.parseLong(part[4]),
                            Long.parseLong(part[5]),
                            Long.parseLong(part[6]),
                            Position.segmentsOf(part[7])));
        }
        String[] head = lines.get(0).substring(SEQUENCE.length()).split(" ", -1);
        return new Checkpoint(
                Long.parseLong(head[0]), Long.parseLong(head[1]), FlushMode.of(head[2]), head[3], positions);
    }
}
