// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.benchmarks.load.Scale;
import io.millrace.benchmarks.peer.PeerKind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The options that every load takes. */
final class Scales {
    private Scale preset = Scale.standard();

    @Option(
            names = "--rounds",
            description = "Measured rounds of each server (one more runs before and is thrown away).")
    private @Nullable Integer rounds;

    @Option(names = "--seconds", description = "How long each round measures.")
    private @Nullable Integer seconds;

    @Option(names = "--data", description = "Share of the preset's amounts of data, for example 0.1.")
    private @Nullable Double data;

    @Option(
            names = "--work",
            description = "Where the servers keep their data: the disk that is measured (default: beside this jar).")
    private @Nullable Path work;

    @Option(
            names = "--without",
            paramLabel = "SERVER",
            description = "A server to leave out where a load can go on without it; one of ${COMPLETION-CANDIDATES}.")
    private Set<PeerKind> without = EnumSet.noneOf(PeerKind.class);

    @Option(names = "--out", description = "The Markdown file to write (default: report.md beside this jar).")
    private @Nullable Path out;

    @Option(names = "--quick", arity = "0", description = "Everything once and short.")
    void quick(boolean on) {
        preset = Scale.quick();
    }

    @Option(names = "--standard", arity = "0", description = "The default: the whole table in at most 20 minutes.")
    void standard(boolean on) {
        preset = Scale.standard();
    }

    @Option(names = "--full", arity = "0", description = "Longer rounds and more of them.")
    void full(boolean on) {
        preset = Scale.full();
    }

    Scale scale() {
        Scale scale = preset;
        if (rounds != null) {
            scale = scale.withRounds(rounds);
        }
        if (seconds != null) {
            scale = scale.withWindow(Duration.ofSeconds(seconds));
        }
        return data == null ? scale : scale.withData(data);
    }

    Set<PeerKind> without() {
        return without;
    }

    Path work(Path beside) {
        return work == null ? beside.resolve("benchmark-work") : work;
    }

    Path out(Path beside) {
        return out == null ? beside.resolve("report.md") : out;
    }
}
