// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage.local;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.record.PartitionId;
import io.millrace.broker.storage.PartitionLog;
import io.millrace.broker.storage.TestBatches;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL of a writing process, in both flush modes by turns. */
class LocalStoreKillTest {
    private static final int ROUNDS = 4;
    private static final int LINES_BEFORE_KILL = 300;

    private final PartitionId orders = new PartitionId(UUID.randomUUID(), "orders", 0);

    @TempDir
    Path directory;

    @Test
    void keepsAllThatWasAcknowledgedBeforeTheKill() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            long acknowledged = writeAndKill(2 * round + 1);

            try (LocalLogStore store = LocalLogStore.open(LocalStoreOptions.defaults(directory))) {
                PartitionLog log =
                        store.acquire(orders, 2 * round + 2, cause -> {}).join();
                assertTrue(log.durableEndOffset() >= acknowledged, log.durableEndOffset() + " < " + acknowledged);
                assertEquals(LongStream.range(0, log.durableEndOffset()).boxed().toList(), TestBatches.readAll(log));
            }
        }
    }

    private long writeAndKill(int epoch) throws IOException, InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process writer = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        KilledWriter.class.getName(),
                        directory.toString(),
                        orders.topicId().toString(),
                        Integer.toString(epoch),
                        epoch % 4 == 1 ? "commit" : "os")
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        long acknowledged = 0;
        try (BufferedReader lines = writer.inputReader()) {
            for (int i = 0; i < LINES_BEFORE_KILL; i++) {
                acknowledged = Long.parseLong(lines.readLine());
            }
            writer.destroyForcibly().waitFor();
        }
        return acknowledged;
    }
}
