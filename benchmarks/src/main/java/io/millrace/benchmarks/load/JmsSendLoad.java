// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** Persistent sends of 1 KiB to one queue: synchronous by 1 and by 16 producers, asynchronous, 100 in a transaction. */
public final class JmsSendLoad implements Load {
    private static final Map<Metric, Target> METRICS = new LinkedHashMap<>();
    private static final Metric ONE = metric("synchronous, 1 producer", 1.5);
    private static final Metric SIXTEEN = metric("synchronous, 16 producers", 3);
    private static final Metric ASYNCHRONOUS = metric("asynchronous, 1 producer", 5);
    private static final Metric TRANSACTED = metric("transacted, 100 a commit, 1 producer", 4);

    private static Metric metric(String name, double target) {
        Metric metric = new Metric(name, "msg/s");
        METRICS.put(metric, Target.ratioAtLeast(target));
        return metric;
    }

    @Override
    public String name() {
        return "jms-send";
    }

    @Override
    public void run(Lab lab) throws Exception {
        Results results = JmsRounds.runBesideUnsynced(lab, name(), (peer, round) -> measure(peer, lab.scale()));
        results.reportFigures(name(), lab.report());
        METRICS.forEach((metric, target) -> JmsRounds.compare(lab, name(), results, metric, target));
    }

    /** Makes the workers that send to a queue. */
    @FunctionalInterface
    private interface Senders {
        List<JmsWork.Worker> to(String queue, LongAdder sent);
    }

    private static Map<Metric, Double> measure(Peer peer, Scale scale) throws Exception {
        JmsWork jms = new JmsWork(peer);
        Map<Metric, Senders> variants = new LinkedHashMap<>();
        variants.put(ONE, (queue, sent) -> List.of(jms.sender(queue, sent)));
        variants.put(SIXTEEN, (queue, sent) -> Collections.nCopies(16, jms.sender(queue, sent)));
        variants.put(ASYNCHRONOUS, (queue, sent) -> List.of(jms.asynchronousSender(false, queue, sent)));
        variants.put(TRANSACTED, (queue, sent) -> List.of(jms.transactedSender(queue, JmsWork.COMMIT, sent)));
        Map<Metric, Double> rates = new HashMap<>();
        for (Map.Entry<Metric, Senders> variant : variants.entrySet()) {
            LongAdder sent = new LongAdder();
            rates.put(
                    variant.getKey(),
                    JmsWork.rate(scale, sent, variant.getValue().to("send", sent)));
            // Nobody measures on top of what the one before left.
            jms.drain("send", sent.sum(), 1);
        }
        return rates;
    }
}
