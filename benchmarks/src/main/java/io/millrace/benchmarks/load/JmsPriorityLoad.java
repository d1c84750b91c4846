// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.report.Metric;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.util.Map;
import java.util.Random;

/**
 * A backlog of mixed priorities, received by one consumer: the share of deliveries of the highest priority that was still
 * waiting at that time. Published, not held to a target.
 */
public final class JmsPriorityLoad implements Load {
    private static final Metric IN_ORDER = new Metric("deliveries in order of priority", "%");
    private static final Metric RATE = new Metric("received", "msg/s");
    private static final int SHARE = 100;
    private static final int PRIORITIES = 10;
    private static final long PATIENCE_MS = 60_000;

    @Override
    public String name() {
        return "jms-priority";
    }

    @Override
    public void run(Lab lab) throws Exception {
        long count = Math.max(1_000, lab.scale().waitingMessages() / SHARE);
        String load = "%s, backlog of %,d".formatted(name(), count);
        Results results = JmsRounds.run(lab, load, (peer, round) -> measure(peer, count, round));
        results.reportFigures(load, lab.report());
    }

    private static Map<Metric, Double> measure(Peer peer, long count, int seed) throws Exception {
        JmsWork jms = new JmsWork(peer);
        Random random = new Random(seed);
        long[] waiting = new long[PRIORITIES];
        // One filler: its thread alone uses the counts.
        jms.fill("prioritised", count, 1, (producer, message, index) -> {
            int priority = random.nextInt(PRIORITIES);
            waiting[priority]++;
            producer.setPriority(priority);
        });
        long right = 0;
        long begin = System.nanoTime();
        try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
                JMSConsumer consumer = context.createConsumer(context.createQueue("prioritised"))) {
            for (long i = 0; i < count; i++) {
                Message message = consumer.receive(PATIENCE_MS);
                if (message == null) {
                    throw new BenchmarkException("Only %d of %d messages came".formatted(i, count));
                }
                int highest = PRIORITIES - 1;
                while (waiting[highest] == 0) {
                    highest--;
                }
                if (message.getJMSPriority() == highest) {
                    right++;
                }
                waiting[message.getJMSPriority()]--;
            }
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        return Map.of(IN_ORDER, 100.0 * right / count, RATE, count / seconds);
    }
}
