// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import io.millrace.broker.config.BrokerConfig;
import io.millrace.broker.config.BrokerConfigKeys;
import java.nio.file.Path;

/**
 * Settings of a {@code LocalLogStore}. {@link #defaults} and the {@code with} methods spare callers the long
 * constructor.
 *
 * @param directory the data directory; created where it is missing. One store at a time
 * @param journalFileBytes size of one journal file; at least 64 KiB. The store starts with one and adds up to three more
 *     while the disk cannot keep up
 * @param segmentBytes size at which a data segment is rolled; 4 KiB to 1 GiB
 * @param indexIntervalBytes distance of two entries in a segment's index; at least 1 KiB
 * @param readThreads threads for reads from the disk, at least 1
 * @param openSegments files of sealed segments that may stay open, at least 1. Beside them one segment and one state
 *     file of each log that was written are open
 * @param maxUnsyncedBytes bytes that may wait for the journal before {@code LocalLogStore.writable()} says no
 * @param flush when an append is answered
 * @param maxRideMs how long an append that nobody waits for may wait for one to be synced with, milliseconds, at least 0
 */
public record LocalStoreOptions(
        Path directory,
        long journalFileBytes,
        long segmentBytes,
        int indexIntervalBytes,
        int readThreads,
        int openSegments,
        long maxUnsyncedBytes,
        FlushMode flush,
        int maxRideMs) {

    private static final int MAX_RIDE_MS = 10;

    /** What {@link BrokerConfigKeys#STORAGE_OPEN_SEGMENTS} is by default. */
    private static final int OPEN_SEGMENTS = 1_000;

    public LocalStoreOptions {
        atLeast("journalFileBytes", journalFileBytes, 64 << 10);
        atLeast("segmentBytes", segmentBytes, 4 << 10);
        atMost("segmentBytes", segmentBytes, 1 << 30);
        atLeast("indexIntervalBytes", indexIntervalBytes, 1 << 10);
        atLeast("readThreads", readThreads, 1);
        atLeast("openSegments", openSegments, 1);
        atLeast("maxUnsyncedBytes", maxUnsyncedBytes, 64 << 10);
        atLeast("maxRideMs", maxRideMs, 0);
    }

    /** The defaults for a data directory: 64 MiB journal files and 256 MiB segments. */
    public static LocalStoreOptions defaults(Path directory) {
        int readThreads = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
        return new LocalStoreOptions(
                directory,
                64 << 20,
                256 << 20,
                16 << 10,
                readThreads,
                OPEN_SEGMENTS,
                32 << 20,
                FlushMode.COMMIT,
                MAX_RIDE_MS);
    }

    /** As the broker is configured. */
    public static LocalStoreOptions of(BrokerConfig config) {
        LocalStoreOptions defaults = defaults(config.get(BrokerConfigKeys.DATA_DIR));
        int readThreads = config.get(BrokerConfigKeys.STORAGE_READ_THREADS);
        return new LocalStoreOptions(
                defaults.directory,
                config.get(BrokerConfigKeys.STORAGE_JOURNAL_BYTES),
                config.get(BrokerConfigKeys.STORAGE_SEGMENT_BYTES),
                defaults.indexIntervalBytes,
                readThreads == 0 ? defaults.readThreads : readThreads,
                config.get(BrokerConfigKeys.STORAGE_OPEN_SEGMENTS),
                defaults.maxUnsyncedBytes,
                FlushMode.of(config.get(BrokerConfigKeys.FLUSH)),
                defaults.maxRideMs);
    }

    public LocalStoreOptions withJournalFileBytes(long bytes) {
        return new LocalStoreOptions(
                directory,
                bytes,
                segmentBytes,
                indexIntervalBytes,
                readThreads,
                openSegments,
                maxUnsyncedBytes,
                flush,
                maxRideMs);
    }

    public LocalStoreOptions withSegmentBytes(long bytes) {
        return new LocalStoreOptions(
                directory,
                journalFileBytes,
                bytes,
                indexIntervalBytes,
                readThreads,
                openSegments,
                maxUnsyncedBytes,
                flush,
                maxRideMs);
    }

    public LocalStoreOptions withIndexIntervalBytes(int bytes) {
        return new LocalStoreOptions(
                directory,
                journalFileBytes,
                segmentBytes,
                bytes,
                readThreads,
                openSegments,
                maxUnsyncedBytes,
                flush,
                maxRideMs);
    }

    public LocalStoreOptions withOpenSegments(int most) {
        return new LocalStoreOptions(
                directory,
                journalFileBytes,
                segmentBytes,
                indexIntervalBytes,
                readThreads,
                most,
                maxUnsyncedBytes,
                flush,
                maxRideMs);
    }

    public LocalStoreOptions withFlush(FlushMode mode) {
        return new LocalStoreOptions(
                directory,
                journalFileBytes,
                segmentBytes,
                indexIntervalBytes,
                readThreads,
                openSegments,
                maxUnsyncedBytes,
                mode,
                maxRideMs);
    }

    LocalStoreOptions withMaxRideMs(int ms) {
        return new LocalStoreOptions(
                directory,
                journalFileBytes,
                segmentBytes,
                indexIntervalBytes,
                readThreads,
                openSegments,
                maxUnsyncedBytes,
                flush,
                ms);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at least " + least);
        }
    }

    private static void atMost(String name, long value, long most) {
        if (value > most) {
            throw new IllegalArgumentException(name + " is " + value + "; it must be at most " + most);
        }
    }
}
