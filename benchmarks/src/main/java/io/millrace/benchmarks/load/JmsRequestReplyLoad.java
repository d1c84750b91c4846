// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import io.millrace.benchmarks.BenchmarkException;
import io.millrace.benchmarks.peer.Peer;
import io.millrace.benchmarks.report.Metric;
import io.millrace.benchmarks.report.Target;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;

/** One requester that waits for each reply on its temporary queue, one responder that answers from its listener. */
public final class JmsRequestReplyLoad implements Load {
    private static final Metric REPLIES = new Metric("requests answered", "req/s");
    private static final String QUEUE = "requests";
    private static final long PATIENCE_NANOS = 30_000_000_000L;
    private static final long POLL_MS = 200;

    @Override
    public String name() {
        return "jms-request-reply";
    }

    @Override
    public void run(Lab lab) throws Exception {
        Results results = JmsRounds.runBesideUnsynced(lab, name(), (peer, round) -> measure(peer, lab.scale()));
        results.reportFigures(name(), lab.report());
        JmsRounds.compare(lab, name(), results, REPLIES, Target.ratioAtLeast(2));
    }

    private static Map<Metric, Double> measure(Peer peer, Scale scale) throws Exception {
        JmsWork jms = new JmsWork(peer);
        LongAdder answered = new LongAdder();
        JmsWork.Worker responder = going -> {
            try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE)) {
                JMSProducer producer = context.createProducer();
                context.createConsumer(context.createQueue(QUEUE)).setMessageListener(request -> {
                    try {
                        BytesMessage reply = JmsWork.message(context);
                        reply.setJMSCorrelationID(request.getJMSMessageID());
                        producer.send(request.getJMSReplyTo(), reply);
                    } catch (JMSException e) {
                        throw new JMSRuntimeException(e.getMessage(), e.getErrorCode(), e);
                    }
                });
                JmsWork.awaitEnd(going);
            }
        };
        JmsWork.Worker requester = going -> {
            try (JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE)) {
                var replies = context.createTemporaryQueue();
                JMSProducer producer = context.createProducer().setJMSReplyTo(replies);
                JMSConsumer consumer = context.createConsumer(replies);
                var queue = context.createQueue(QUEUE);
                while (going.getAsBoolean()) {
                    producer.send(queue, JmsWork.message(context));
                    long end = System.nanoTime() + PATIENCE_NANOS;
                    while (consumer.receive(POLL_MS) == null) {
                        if (!going.getAsBoolean()) {
                            return; // the responder may have gone before this one
                        }
                        if (System.nanoTime() > end) {
                            throw new BenchmarkException("No reply within 30 s");
                        }
                    }
                    answered.increment();
                }
            }
        };
        return Map.of(REPLIES, JmsWork.rate(scale, answered, List.of(requester, responder)));
    }
}
