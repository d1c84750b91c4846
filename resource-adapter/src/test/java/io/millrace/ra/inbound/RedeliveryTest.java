// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static io.millrace.ra.inbound.Deployments.queue;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.ra.inbound.TransactedBean.End;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an activation asks for messages that come back, against a real broker. */
@Timeout(60)
class RedeliveryTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    @RegisterExtension
    final Deployments server = new Deployments(MILLRACE);

    private static Bean poisoned(AtomicInteger attempts) {
        return new Bean(text -> {
            if (text.equals("poison")) {
                attempts.incrementAndGet();
                throw new IllegalStateException("never");
            }
        });
    }

    @Test
    void messageThatCameBackTooOftenGoesToTheActivationsOwnDeadLetterQueue() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        Bean bean = poisoned(attempts);
        MillraceActivationSpec spec = queue("limited");
        spec.setRedeliveryLimit(2);
        spec.setRedeliveryDelay(0);
        spec.setDeadLetterQueue("limited.dead");
        server.send("limited", List.of("poison", "good"));
        server.deploy(bean, spec);

        List<String> dead = server.rest("limited.dead", 5_000).subList(0, 1);

        assertEquals(List.of("poison"), dead);
        assertEquals(3, attempts.get());
        await().atMost(20, SECONDS).until(() -> bean.processed.contains("good"));
    }

    @Test
    void rolledBackTransactionsCountAsThrownExceptionsDo() throws Exception {
        TransactedBean bean = new TransactedBean(what -> what.startsWith("poison") ? End.ROLLBACK : End.COMMIT);
        MillraceActivationSpec spec = queue("xa-limited");
        spec.setRedeliveryLimit(1);
        spec.setRedeliveryDelay(0);
        spec.setDeadLetterQueue("xa-limited.dead");
        server.send("xa-limited", List.of("poison"));
        server.deploy(bean, spec);

        assertEquals(List.of("poison"), server.rest("xa-limited.dead", 5_000));
        assertEquals(List.of("poison1", "poison2"), bean.heard);
    }

    @Test
    void otherConsumersOfTheQueueKeepItsSettings() throws Exception {
        MillraceActivationSpec strict = queue("mixed");
        strict.setRedeliveryLimit(1);
        strict.setRedeliveryDelay(0);
        strict.setDeadLetterQueue("mixed.dead");
        Bean bean = new Bean(text -> {});
        server.deploy(bean, strict);
        server.send("mixed", List.of("first"));
        await().atMost(20, SECONDS).until(() -> bean.processed.size() == 1);
        server.activations.deactivate(bean, strict);
        server.send("mixed", List.of("kept"));

        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            var consumer = context.createConsumer(context.createQueue("mixed"));
            for (int i = 1; i <= 5; i++) {
                Message message = consumer.receive(5_000);
                assertEquals(i, message.getIntProperty("JMSXDeliveryCount"));
                context.recover();
            }
        }

        assertEquals(List.of(), server.rest("mixed.dead", 200));
    }

    @Test
    void messageThatCameBackWaitsAtTheBrokerWhileOthersGoOn() throws Exception {
        List<String> heard = new CopyOnWriteArrayList<>();
        AtomicInteger failures = new AtomicInteger();
        Bean bean = new Bean(text -> {
            heard.add(text);
            if (text.equals("bad") && failures.getAndIncrement() == 0) {
                throw new IllegalStateException("once");
            }
        });
        MillraceActivationSpec spec = queue("delayed");
        spec.setMaxSession(1);
        spec.setRedeliveryDelay(1_500);
        server.send("delayed", List.of("bad", "a", "b"));
        server.deploy(bean, spec);

        await().atMost(20, SECONDS).until(() -> heard.size() == 4);

        assertEquals(List.of("bad", "a", "b", "bad"), heard);
    }

    @Test
    void waitsGrowByTheMultiplierUpToTheLongest() throws Exception {
        // On the broker's clock, which is this JVM's: no redelivery is before its time, and without the limit of 300 ms
        // the third would be in 10 s and the fourth in 1,000 s.
        List<Long> heardMs = new CopyOnWriteArrayList<>();
        Bean bean = new Bean(text -> {
            heardMs.add(System.currentTimeMillis());
            if (heardMs.size() < 5) {
                throw new IllegalStateException("not yet");
            }
        });
        MillraceActivationSpec spec = queue("growing");
        spec.setRedeliveryDelay(100);
        spec.setRedeliveryMultiplier(100);
        spec.setRedeliveryMaxDelay(300);
        server.send("growing", List.of("a"));
        server.deploy(bean, spec);

        await().atMost(20, SECONDS).until(() -> bean.processed.contains("a"));

        List<Long> least = List.of(100L, 300L, 300L, 300L);
        for (int i = 0; i < least.size(); i++) {
            long waitedMs = heardMs.get(i + 1) - heardMs.get(i);
            assertTrue(waitedMs >= least.get(i), "redelivery " + (i + 1) + " after " + waitedMs + " ms");
        }
    }

    @Test
    void deadLetterOfAnActivationSurvivesTheBrokersRestart() throws Exception {
        AtomicInteger attempts = new AtomicInteger();
        MillraceActivationSpec spec = queue("restarted");
        spec.setRedeliveryLimit(1);
        spec.setRedeliveryDelay(0);
        spec.setDeadLetterQueue("restarted.dead");
        server.send("restarted", List.of("poison"));
        server.deploy(poisoned(attempts), spec);
        await().atMost(20, SECONDS).until(() -> attempts.get() == 2);

        MILLRACE.broker().restart();

        await().atMost(20, SECONDS)
                .ignoreExceptions()
                .until(() -> server.rest("restarted.dead", 2_000).equals(List.of("poison")));
        assertEquals(2, attempts.get());
    }

    @Test
    void queueThatIsItsOwnDeadLetterQueueIsRefused() {
        MillraceActivationSpec spec = queue("circle");
        spec.setDeadLetterQueue("circle");

        var failure = org.junit.jupiter.api.Assertions.assertThrows(
                jakarta.resource.spi.InvalidPropertyException.class, () -> server.deploy(new Bean(text -> {}), spec));

        assertTrue(failure.getMessage().contains("deadLetterQueue"), failure.getMessage());
    }
}
