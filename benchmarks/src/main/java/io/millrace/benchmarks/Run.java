// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks;

import io.millrace.benchmarks.load.Clients;
import io.millrace.benchmarks.load.Lab;
import io.millrace.benchmarks.load.Load;
import io.millrace.benchmarks.load.Scale;
import io.millrace.benchmarks.machine.Machine;
import io.millrace.benchmarks.peer.Directories;
import io.millrace.benchmarks.peer.JmsClients;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.peer.Peers;
import io.millrace.benchmarks.report.Report;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** One run: describes the machine, measures it, runs the loads one after the other, writes the report. */
final class Run {
    private static final String TITLE = "Millrace beside other brokers";

    private final Scale scale;
    private final Set<PeerKind> without;
    private final Path work;
    private final Path out;

    Run(Scales options) {
        Path beside = Machine.programDirectory();
        this.scale = options.scale();
        this.without = options.without();
        this.work = options.work(beside).toAbsolutePath();
        this.out = options.out(beside).toAbsolutePath();
    }

    /** 0 when all loads were measured, whether their targets were reached or not. */
    int of(List<Load> loads) throws IOException {
        Report report = new Report();
        Peers peers = new Peers(work);
        for (String line : Machine.describe(work)) {
            report.note(line);
        }
        report.note(Clients.describe());
        report.note(JmsClients.describe());
        report.note("Scale: " + scale);
        without.forEach(kind -> report.note("Left out: " + kind.title()));
        Lab lab = new Lab(peers, scale, report, without);
        for (Load load : loads) {
            long begin = System.nanoTime();
            System.err.println(load.name());
            try {
                load.run(lab);
            } catch (Exception e) {
                report.failed(load.name(), e);
            }
            System.err.printf("  %s took %d s%n", load.name(), (System.nanoTime() - begin) / 1_000_000_000);
            // After each load: an interrupted run has written what it found.
            Files.writeString(out, report.toMarkdown(TITLE));
        }
        System.out.println(report.toMarkdown(TITLE));
        if (!report.hasFailures()) {
            Directories.delete(work);
        }
        return report.hasFailures() ? 1 : 0;
    }
}
