// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** A filled queue is received to its end: by receive with AUTO_ACKNOWLEDGE, by listeners, transacted; 1 and 4 consumers. */
public final class JmsReceiveLoad implements Load {
    /** Share of the largest backlog. */
    private static final int SHARE = 50;

    @Override
    public String name() {
        return "jms-receive";
    }

    /** Makes one consumer. */
    @FunctionalInterface
    private interface Consumer {
        JmsWork.Worker of(JmsWork jms, String queue, LongAdder received);
    }

    private static Map<String, Consumer> ways() {
        Map<String, Consumer> ways = new LinkedHashMap<>();
        ways.put("receive, AUTO_ACKNOWLEDGE", JmsWork::receiver);
        ways.put("listener, AUTO_ACKNOWLEDGE", JmsWork::listener);
        ways.put("receive, 100 a commit", JmsWork::transactedReceiver);
        return ways;
    }

    private static Metric metric(String way, int consumers) {
        return new Metric(way + ", " + consumers + (consumers == 1 ? " consumer" : " consumers"), "msg/s");
    }

    @Override
    public void run(Lab lab) throws Exception {
        long count = Math.max(1_000, lab.scale().waitingMessages() / SHARE);
        String load = "%s, %,d messages of 1 KiB".formatted(name(), count);
        Results results = JmsRounds.run(lab, load, (peer, round) -> measure(peer, count));
        results.reportFigures(load, lab.report());
        for (String way : ways().keySet()) {
            for (int consumers : List.of(1, 4)) {
                JmsRounds.compare(lab, load, results, metric(way, consumers), Target.ratioAtLeast(4));
            }
        }
    }

    private static Map<Metric, Double> measure(Peer peer, long count) throws Exception {
        JmsWork jms = new JmsWork(peer);
        Map<Metric, Double> rates = new HashMap<>();
        for (Map.Entry<String, Consumer> way : ways().entrySet()) {
            for (int consumers : List.of(1, 4)) {
                jms.fill("receive", count);
                double seconds = JmsWork.drain(
                        count, consumers, received -> way.getValue().of(jms, "receive", received));
                rates.put(metric(way.getKey(), consumers), count / seconds);
            }
        }
        return rates;
    }
}
