// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.peer.PeerKind;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;

/**
 * One producer that sends one message after the other and one listener: from the call of send to the listener's. First
 * with nothing else in the broker, then while messages wait in four other queues.
 */
public final class JmsLatencyLoad implements Load {
    private static final Metric RATE = new Metric("synchronous send and listener", "msg/s");
    private static final Metric HALF = new Metric("end to end p50", "ms");
    private static final Metric MOST = new Metric("end to end p99", "ms");
    private static final int OTHER_QUEUES = 4;

    @Override
    public String name() {
        return "jms-latency";
    }

    @Override
    public void run(Lab lab) throws Exception {
        long waiting = lab.scale().waitingMessages() / 2;
        Results results = JmsRounds.run(lab, name(), (peer, round) -> measure(peer, lab.scale()));
        report(lab, name(), results);
        Results full = JmsRounds.run(lab, name() + " with a backlog", (peer, round) -> {
            if (round == 0) {
                JmsWork jms = new JmsWork(peer);
                for (int queue = 0; queue < OTHER_QUEUES; queue++) {
                    jms.fill("other" + queue, waiting / OTHER_QUEUES);
                }
            }
            return measure(peer, lab.scale());
        });
        String load = "%s, %,d messages waiting elsewhere".formatted(name(), waiting);
        report(lab, load, full);
        for (Metric metric : List.of(RATE, HALF, MOST)) {
            for (PeerKind kind : JmsRounds.KINDS) {
                if (!results.get(kind, metric).isEmpty()
                        && !full.get(kind, metric).isEmpty()) {
                    lab.report()
                            .compare(
                                    load + " / none waiting",
                                    metric,
                                    kind.title(),
                                    full.get(kind, metric),
                                    kind.title(),
                                    results.get(kind, metric),
                                    metric.equals(RATE) ? Target.ratioAtLeast(0.9) : Target.ratioBelow(1.1));
                }
            }
        }
    }

    private static void report(Lab lab, String load, Results results) {
        results.reportFigures(load, lab.report());
        JmsRounds.compare(lab, load, results, HALF, Target.ratioBelow(1));
        JmsRounds.compare(lab, load, results, MOST, Target.ratioBelow(1));
        results.compare(load, lab.report(), RATE, PeerKind.MILLRACE_COMMIT, PeerKind.ARTEMIS, null);
    }

    private static Map<Metric, Double> measure(Peer peer, Scale scale) throws Exception {
        JmsWork jms = new JmsWork(peer);
        Histogram nanos = new Histogram(3);
        LongAdder received = new LongAdder();
        List<JmsWork.Worker> workers = new ArrayList<>();
        workers.add(going -> {
            try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE)) {
                context.createConsumer(context.createQueue("latency")).setMessageListener(message -> {
                    try {
                        long begin = message.getLongProperty("begin");
                        synchronized (nanos) {
                            nanos.recordValue(Math.max(0, System.nanoTime() - begin));
                        }
                        received.increment();
                    } catch (JMSException e) {
                        throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
                    }
                });
                JmsWork.awaitEnd(going);
            }
        });
        workers.add(going -> {
            try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSProducer producer = context.createProducer();
                var queue = context.createQueue("latency");
                while (going.getAsBoolean()) {
                    BytesMessage message = JmsWork.message(context);
                    message.setLongProperty("begin", System.nanoTime());
                    producer.send(queue, message);
                }
            }
        });
        double rate = JmsWork.rate(scale, received, workers);
        synchronized (nanos) {
            return Map.of(
                    RATE, rate, HALF, nanos.getValueAtPercentile(50) / 1e6, MOST, nanos.getValueAtPercentile(99) / 1e6);
        }
    }
}
