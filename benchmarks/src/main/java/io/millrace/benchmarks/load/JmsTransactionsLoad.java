// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Local transactions of one session: 1, 10 and 100 sends a commit, and one message forwarded to another queue a commit. */
public final class JmsTransactionsLoad implements Load {
    private static final List<Integer> SENDS = List.of(1, 10, 100);
    private static final Metric FORWARDED = new Metric("received and forwarded, 1 a commit", "msg/s");
    /** Share of the largest backlog. */
    private static final int SHARE = 500;

    private static Metric sends(int commit) {
        return new Metric("sent, " + commit + " a commit", "msg/s");
    }

    @Override
    public String name() {
        return "jms-transactions";
    }

    @Override
    public void run(Lab lab) throws Exception {
        long forwarded = Math.max(1_000, lab.scale().waitingMessages() / SHARE);
        Results results =
                JmsRounds.runBesideUnsynced(lab, name(), (peer, round) -> measure(peer, lab.scale(), forwarded));
        results.reportFigures(name(), lab.report());
        for (int commit : SENDS) {
            JmsRounds.compare(lab, name(), results, sends(commit), Target.ratioAtLeast(2));
        }
        JmsRounds.compare(lab, name(), results, FORWARDED, Target.ratioAtLeast(2));
    }

    private static Map<Metric, Double> measure(Peer peer, Scale scale, long forwarded) throws Exception {
        JmsWork jms = new JmsWork(peer);
        Map<Metric, Double> rates = new HashMap<>();
        for (int commit : SENDS) {
            LongAdder sent = new LongAdder();
            rates.put(sends(commit), JmsWork.rate(scale, sent, List.of(jms.transactedSender("sent", commit, sent))));
            jms.drain("sent", sent.sum(), 1);
        }
        jms.fill("from", forwarded);
        double seconds = JmsWork.drain(forwarded, 1, received -> jms.forwarder("from", "to", received));
        rates.put(FORWARDED, forwarded / seconds);
        jms.drain("to", forwarded, 1);
        return rates;
    }
}
