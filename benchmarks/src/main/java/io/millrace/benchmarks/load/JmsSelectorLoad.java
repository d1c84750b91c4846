// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.util.Map;

/** A consumer whose selector matches 1 of 100 messages of a backlog; the rest stays for others. */
public final class JmsSelectorLoad implements Load {
    private static final Metric MATCHES = new Metric("matching messages received", "msg/s");
    private static final Metric STALL = new Metric("longest wait for a matching message", "s");
    private static final int ONE_OF = 100;
    private static final int SHARE = 10;
    private static final long PATIENCE_MS = 120_000;

    @Override
    public String name() {
        return "jms-selector";
    }

    @Override
    public void run(Lab lab) throws Exception {
        long count = Math.max(1_000, lab.scale().waitingMessages() / SHARE);
        String load = "%s, 1 of 100 in %,d".formatted(name(), count);
        Results results = JmsRounds.run(lab, load, (peer, round) -> measure(peer, count));
        results.reportFigures(load, lab.report());
        JmsRounds.compare(lab, load, results, MATCHES, Target.ratioAtLeast(10));
        lab.report()
                .check(
                        load,
                        STALL,
                        PeerKind.MILLRACE_COMMIT.title(),
                        results.get(PeerKind.MILLRACE_COMMIT, STALL),
                        Target.below(1, "s"));
    }

    private static Map<Metric, Double> measure(Peer peer, long count) throws Exception {
        JmsWork jms = new JmsWork(peer);
        jms.fill(
                "selected",
                count,
                1,
                (producer, message, index) -> message.setIntProperty("n", (int) (index % ONE_OF)));
        long matching = count / ONE_OF;
        double seconds;
        double stall = 0;
        try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
                JMSConsumer consumer = context.createConsumer(context.createQueue("selected"), "n = 7")) {
            long begin = System.nanoTime();
            long last = begin;
            for (long i = 0; i < matching; i++) {
                if (consumer.receive(PATIENCE_MS) == null) {
                    throw new BenchmarkException("Only %d of %d matching messages came".formatted(i, matching));
                }
                long now = System.nanoTime();
                stall = Math.max(stall, (now - last) / 1e9);
                last = now;
            }
            seconds = (last - begin) / 1e9;
        }
        jms.drain("selected", count - matching, 1);
        return Map.of(MATCHES, matching / seconds, STALL, stall);
    }
}
