// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.machine.ProcessUsage;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;

/**
 * Many messages wait in one queue of a broker with 256 MB of heap: filling, an orderly restart up to the first message
 * received, draining by one listener; beside it the drain of a small queue by the same broker. Once for each broker.
 */
public final class JmsBacklogLoad implements Load {
    private static final int HEAP_MB = 256;
    private static final int SMALL_SHARE = 100;
    private static final Metric FILLED = new Metric("filled, 4 producers, 500 a commit", "msg/s");
    private static final Metric MEMORY = new Metric("resident with all of them waiting", "MB");
    private static final Metric BACK = new Metric("from the start of the process to the first message received", "s");
    private static final Metric DRAINED = new Metric("drained by 1 listener", "msg/s");
    private static final Metric SMALL = new Metric("a small queue drained by 1 listener", "msg/s");

    @Override
    public String name() {
        return "jms-backlog";
    }

    @Override
    public void run(Lab lab) throws Exception {
        long count = lab.scale().waitingMessages();
        String load = "%s, %,d messages, heap %d MB".formatted(name(), count, HEAP_MB);
        Results results = new Results();
        for (PeerKind kind : lab.taking(JmsRounds.KINDS)) {
            try (Peer peer = lab.peers().createJms(kind, HEAP_MB)) {
                peer.start();
                measure(peer, count, results);
            } catch (JMSException | JMSRuntimeException | BenchmarkException e) {
                lab.report().failed(load + ", " + kind.title(), e);
            }
        }
        results.reportFigures(load, lab.report());
        String us = PeerKind.MILLRACE_COMMIT.title();
        lab.report().check(load, BACK, us, results.get(PeerKind.MILLRACE_COMMIT, BACK), Target.below(3, "s"));
        JmsRounds.compare(lab, load, results, DRAINED, Target.ratioAtLeast(4));
        lab.report()
                .compare(
                        load + ", large / small",
                        DRAINED,
                        us,
                        results.get(PeerKind.MILLRACE_COMMIT, DRAINED),
                        us,
                        results.get(PeerKind.MILLRACE_COMMIT, SMALL),
                        Target.ratioAtLeast(0.9));
    }

    private static void measure(Peer peer, long count, Results results) throws JMSException {
        PeerKind kind = peer.kind();
        JmsWork jms = new JmsWork(peer);
        long small = Math.max(1_000, count / SMALL_SHARE);
        // Thrown away: the first one warms both sides up.
        for (int i = 0; i < 2; i++) {
            jms.fill("small", small);
            double seconds = jms.drain("small", small, 1);
            if (i == 1) {
                results.add(kind, SMALL, small / seconds);
            }
        }
        long begin = System.nanoTime();
        jms.fill("large", count);
        results.add(kind, FILLED, count / ((System.nanoTime() - begin) / 1e9));
        results.add(kind, MEMORY, ProcessUsage.residentMb(peer.pid()));
        peer.stop();
        long start = System.nanoTime();
        peer.start();
        try (JMSContext context = new JmsWork(peer).context(JMSContext.AUTO_ACKNOWLEDGE)) {
            if (context.createConsumer(context.createQueue("large")).receive(600_000) == null) {
                throw new BenchmarkException("Nothing came back after the restart");
            }
        }
        results.add(kind, BACK, (System.nanoTime() - start) / 1e9);
        results.add(kind, DRAINED, (count - 1) / new JmsWork(peer).drain("large", count - 1, 1));
    }
}
