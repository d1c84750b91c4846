// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Target;
import java.util.List;

/** Produce to one partition, each record synced before its answer: flush=commit beside both ways to run Kafka. */
public final class SyncedProduceLoad implements Load {
    private static final int RECORD_BYTES = 1024;

    @Override
    public String name() {
        return "produce-synced";
    }

    @Override
    public void run(Lab lab) throws Exception {
        String load = name() + " " + RECORD_BYTES + " B";
        Results results = ProduceLoad.measure(
                lab, RECORD_BYTES, List.of(PeerKind.MILLRACE_COMMIT, PeerKind.KAFKA_SYNC, PeerKind.KAFKA));
        results.reportFigures(load, lab.report());
        results.compare(
                load,
                lab.report(),
                ProduceLoad.RECORDS,
                PeerKind.MILLRACE_COMMIT,
                PeerKind.KAFKA_SYNC,
                Target.ratioAtLeast(4));
        results.compare(
                load,
                lab.report(),
                ProduceLoad.RECORDS,
                PeerKind.MILLRACE_COMMIT,
                PeerKind.KAFKA,
                Target.ratioAtLeast(0.9));
    }
}
