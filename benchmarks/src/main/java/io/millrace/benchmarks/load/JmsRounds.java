// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.util.ArrayList;
import java.util.List;

/** The JMS brokers side by side. One that cannot do a load is reported and left out of it; the others go on. */
final class JmsRounds {
    static final List<PeerKind> KINDS = List.of(PeerKind.MILLRACE_COMMIT, PeerKind.ARTEMIS, PeerKind.OPENMQ);

    private JmsRounds() {}

    /** As {@link Rounds#run}. */
    static Results run(Lab lab, String load, Rounds.Measurement measurement) throws Exception {
        List<Peer> peers = new ArrayList<>();
        try {
            for (PeerKind kind : lab.taking(KINDS)) {
                Peer peer = lab.peers().createJms(kind, 0);
                try {
                    peer.start();
                    peers.add(peer);
                } catch (BenchmarkException e) {
                    peer.close();
                    lab.report().failed(load + ", " + kind.title(), e);
                }
            }
            return Rounds.interleave(lab, load, peers, measurement);
        } finally {
            peers.forEach(Peer::close);
        }
    }

    /** Sets Millrace beside the others; the target is against Artemis. */
    static void compare(Lab lab, String load, Results results, Metric metric, Target target) {
        results.compare(load, lab.report(), metric, PeerKind.MILLRACE_COMMIT, PeerKind.ARTEMIS, target);
        results.compare(load, lab.report(), metric, PeerKind.MILLRACE_COMMIT, PeerKind.OPENMQ, null);
    }
}
