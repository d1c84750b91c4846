// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import jakarta.jms.JMSContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** One publisher, asynchronous, and four durable subscribers with listeners: what all four get together. */
public final class JmsTopicLoad implements Load {
    private static final Metric DELIVERED = new Metric("delivered to 4 durable subscribers", "msg/s");
    private static final int SUBSCRIBERS = 4;
    private static final String TOPIC = "prices";

    @Override
    public String name() {
        return "jms-topic";
    }

    @Override
    public void run(Lab lab) throws Exception {
        Results results = JmsRounds.run(lab, name(), (peer, round) -> measure(peer, lab.scale()));
        results.reportFigures(name(), lab.report());
        JmsRounds.compare(lab, name(), results, DELIVERED, Target.ratioAtLeast(4));
    }

    private static Map<Metric, Double> measure(Peer peer, Scale scale) throws Exception {
        JmsWork jms = new JmsWork(peer);
        LongAdder delivered = new LongAdder();
        List<JmsWork.Worker> workers = new ArrayList<>();
        for (int i = 0; i < SUBSCRIBERS; i++) {
            String id = "subscriber-" + i;
            // Exist before the first message.
            try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE)) {
                context.setClientID(id);
                context.createDurableConsumer(context.createTopic(TOPIC), "bench")
                        .close();
            }
            workers.add(going -> {
                try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE)) {
                    context.setClientID(id);
                    var consumer = context.createDurableConsumer(context.createTopic(TOPIC), "bench");
                    consumer.setMessageListener(message -> delivered.increment());
                    JmsWork.awaitEnd(going);
                    consumer.close();
                    context.unsubscribe("bench");
                }
            });
        }
        workers.add(jms.asynchronousSender(true, TOPIC, new LongAdder()));
        return Map.of(DELIVERED, JmsWork.rate(scale, delivered, workers));
    }
}
