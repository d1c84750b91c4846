// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * SIGKILL of the whole broker, again and again; then what clients were told is held against what they read. System
 * properties: {@code torture.rounds}; {@code torture.minutes}, after which no further round begins (the logs are still held
 * against the history); {@code torture.seed} (repeats the values, the brokers' settings and the plan of the
 * kills, not their instants); {@code torture.settings}, more settings of the brokers, {@code key=value}, split by blanks.
 * {@code mvn -Ptorture test} does the long profile.
 */
class TortureTest {
    @TempDir
    Path directory;

    @Test
    void nothingAcknowledgedIsLostRepeatedOrAlteredByKills() throws Exception {
        int rounds = Integer.getInteger("torture.rounds", 5);
        int minutes = Integer.getInteger("torture.minutes", 60);
        long seed = Long.getLong("torture.seed", System.nanoTime());
        List<String> settings = List.of(
                        System.getProperty("torture.settings", "").split(" ", -1))
                .stream()
                .filter(each -> !each.isEmpty())
                .toList();
        System.out.println("torture.seed=" + seed + ", " + rounds + " rounds, settings " + settings);
        try (TortureRun run = new TortureRun(directory, seed, settings, Duration.ofMinutes(minutes))) {
            List<String> violations = run.run(rounds);
            assertEquals(List.of(), violations, "torture.seed=" + seed + "; " + run.errors());
        }
    }
}
