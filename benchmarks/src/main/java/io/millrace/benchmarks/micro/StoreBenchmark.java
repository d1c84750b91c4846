// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.micro;

import io.millrace.benchmarks.peer.Directories;
import io.millrace.broker.config.ConfigLoader;
import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.LogAppend;
import io.millrace.broker.storage.LogSlice;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.local.LocalLogStore;
import io.millrace.broker.storage.local.LocalStoreOptions;
import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The local store without a network: batches of 15 records of 1 KiB, until they are durable, and reads of 1 MiB. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class StoreBenchmark {
    private static final int GROUP = 5;
    private static final int READ_BYTES = 1 << 20;
    private static final long READABLE_RECORDS = 100_000;
    private static final long KEPT_RECORDS = 2_000_000;

    /** The broker's setting of the same name. */
    @Param({"commit", "os"})
    private String flush = "commit";

    private @Nullable Opened opened;
    private long position;

    private record Opened(Path directory, LocalLogStore store, PartitionLog log) {}

    @Setup
    public void open() throws IOException {
        Path directory = Files.createTempDirectory(Path.of("").toAbsolutePath(), "jmh-store");
        LocalStoreOptions options = LocalStoreOptions.of(
                ConfigLoader.load(null, Map.of(), List.of("data.dir=" + directory, "flush=" + flush)));
        LocalLogStore store = LocalLogStore.open(options);
        PartitionLog log = store.acquire(new PartitionId(UUID.randomUUID(), "jmh", 0), 1, lost -> {})
                .join();
        opened = new Opened(directory, store, log);
        while (log.nextOffset() < READABLE_RECORDS) {
            append(log).join();
        }
    }

    /** One batch, the next only after its answer: the latency. */
    @Benchmark
    public void appendOne() {
        append(log()).join();
    }

    /** Five batches under way, as one stock producer has them; time of one. */
    @Benchmark
    @OperationsPerInvocation(GROUP)
    public void appendFive() {
        PartitionLog log = log();
        CompletableFuture<?>[] answers = new CompletableFuture<?>[GROUP];
        for (int i = 0; i < GROUP; i++) {
            answers[i] = append(log);
        }
        CompletableFuture.allOf(answers).join();
    }

    /** 1 MiB from the page cache, as a consumer goes through a log. */
    @Benchmark
    public int read() {
        PartitionLog log = log();
        try (LogSlice slice = log.read(log.startOffset() + position, READ_BYTES).join()) {
            position = (position + READ_BYTES / 1100) % (READABLE_RECORDS / 2);
            return slice.size();
        }
    }

    private static CompletableFuture<Void> append(PartitionLog log) {
        long base = log.nextOffset();
        ByteBuf batch = TestBatch.of(base);
        if (base % (KEPT_RECORDS / 10) < TestBatch.RECORDS && base > KEPT_RECORDS) {
            log.trimPrefix(base - KEPT_RECORDS).join();
        }
        return log.append(LogAppend.ofData(log, batch, base + TestBatch.RECORDS - 1, 1));
    }

    private PartitionLog log() {
        return Objects.requireNonNull(opened).log();
    }

    @TearDown
    public void close() {
        Opened last = Objects.requireNonNull(opened);
        last.store().close();
        Directories.delete(last.directory());
    }
}
