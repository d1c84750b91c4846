// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.util.List;
import java.util.Map;

/** Produce to one partition, unsynced: flush=os beside Kafka's default and the null broker. */
public final class ProduceLoad implements Load {
    static final Metric RECORDS = new Metric("produced", "rec/s");
    static final Metric CPU = new Metric("server processor time", "µs/rec");

    @Override
    public String name() {
        return "produce";
    }

    @Override
    public void run(Lab lab) throws Exception {
        for (int bytes : List.of(100, 1024)) {
            String load = loadOf(bytes);
            Results results = measure(lab, bytes, List.of(PeerKind.MILLRACE_OS, PeerKind.KAFKA, PeerKind.NULL_BROKER));
            results.reportFigures(load, lab.report());
            results.compare(
                    load, lab.report(), RECORDS, PeerKind.MILLRACE_OS, PeerKind.KAFKA, Target.ratioAtLeast(1.3));
            results.compare(
                    load, lab.report(), RECORDS, PeerKind.MILLRACE_OS, PeerKind.NULL_BROKER, Target.ratioAtLeast(0.9));
        }
    }

    private static String loadOf(int bytes) {
        return "produce " + bytes + " B";
    }

    static Results measure(Lab lab, int bytes, List<PeerKind> kinds) throws Exception {
        return Rounds.run(lab, loadOf(bytes), kinds, (peer, round) -> {
            String topic = "produce-" + round + "-" + bytes;
            Clients.createTopic(peer, topic, 1);
            Producing.Outcome outcome = Producing.measure(peer, topic, bytes, lab.scale());
            return Map.of(RECORDS, outcome.recordsPerSecond(), CPU, outcome.cpuMicrosPerRecord());
        });
    }
}
