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
    private static final List<PeerKind> AND_UNSYNCED =
            List.of(PeerKind.MILLRACE_COMMIT, PeerKind.MILLRACE_OS, PeerKind.ARTEMIS, PeerKind.OPENMQ);

    private JmsRounds() {}

    /** As {@link Rounds#run}. */
    static Results run(Lab lab, String load, Rounds.Measurement measurement) throws Exception {
        return run(lab, KINDS, load, measurement);
    }

    /** With a Millrace that answers without a sync, too: no disk could make the load faster than that. */
    static Results runBesideUnsynced(Lab lab, String load, Rounds.Measurement measurement) throws Exception {
        return run(lab, AND_UNSYNCED, load, measurement);
    }

    private static Results run(Lab lab, List<PeerKind> kinds, String load, Rounds.Measurement measurement)
            throws Exception {
        List<Peer> peers = new ArrayList<>();
        try {
            for (PeerKind kind : lab.taking(kinds)) {
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

    /** Sets Millrace beside the others, as far as they took part; the target is against Artemis. */
    static void compare(Lab lab, String load, Results results, Metric metric, Target target) {
        results.compare(load, lab.report(), metric, PeerKind.MILLRACE_COMMIT, PeerKind.ARTEMIS, target);
        results.compare(load, lab.report(), metric, PeerKind.MILLRACE_COMMIT, PeerKind.OPENMQ, null);
        results.compare(load, lab.report(), metric, PeerKind.MILLRACE_COMMIT, PeerKind.MILLRACE_OS, null);
    }
}
