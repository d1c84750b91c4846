// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static io.millrace.ra.inbound.Bean.pass;
import static io.millrace.ra.inbound.Deployments.numbers;
import static io.millrace.ra.inbound.Deployments.queue;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSContext;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Sessions follow the backlog, against a real broker; time leaps by hand. */
@Timeout(60)
class ScalingTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final AtomicLong leapMs = new AtomicLong();

    @RegisterExtension
    final Deployments server = Deployments.withLeaps(MILLRACE, leapMs);

    @Test
    void slowBeanGetsSessionsForASmallBacklogThatOneHadBuffered() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        Set<String> entered = ConcurrentHashMap.newKeySet();
        Bean bean = new Bean(text -> {
            entered.add(text);
            pass(gate);
        });
        server.send("small-backlog", numbers(0, 4));
        MillraceActivationSpec spec = queue("small-backlog");
        server.deploy(bean, spec);

        await().atMost(30, SECONDS).until(() -> entered.size() == 4);

        assertTrue(bean.endpoints.get() <= 5, bean.endpoints + " endpoints");
        gate.countDown();
        await().atMost(30, SECONDS).until(() -> bean.processed.size() >= 4);
        server.activations.deactivate(bean, spec);
        assertEquals(numbers(0, 4), bean.processed.stream().sorted().toList());
        assertEquals(List.of(), server.rest("small-backlog", 200));
    }

    @Test
    void theServersThreadIsGivenBackOnceItHasDeliveredForTwentyMilliseconds() throws Exception {
        Bean bean = new Bean(text -> leapMs.addAndGet(21));
        MillraceActivationSpec spec = queue("long-run");
        spec.setMaxSession(1);
        server.send("long-run", numbers(0, 50));
        server.deploy(bean, spec);

        await().atMost(30, SECONDS).until(() -> bean.processed.size() == 50);

        assertEquals(numbers(0, 50), bean.processed);
        assertTrue(server.works() >= 50, "the server was asked for a thread " + server.works() + " times");
    }

    @Test
    void messagesOfAGroupAreProcessedInTheirOrderByManySessionsThoughSomeFailAtFirst() throws Exception {
        List<String> groups = List.of("a", "b", "c", "d", "e");
        Set<String> failed = ConcurrentHashMap.newKeySet();
        Bean bean = new Bean(text -> {
            if (text.endsWith("7") && failed.add(text)) {
                throw new IllegalStateException("fails at first");
            }
        });
        MillraceActivationSpec spec = queue("groups");
        spec.setMinSession(4);
        spec.setMaxSession(4);
        spec.setOrderedByGroup(true);
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            for (String number : numbers(0, 20)) {
                for (String group : groups) {
                    context.createProducer()
                            .setProperty("JMSXGroupID", group)
                            .send(context.createQueue("groups"), group + number);
                }
            }
        }

        server.deploy(bean, spec);

        await().atMost(50, SECONDS).until(() -> bean.processed.size() >= 100);
        for (String group : groups) {
            assertEquals(
                    numbers(0, 20).stream().map(number -> group + number).toList(),
                    bean.processed.stream()
                            .filter(text -> text.startsWith(group))
                            .toList());
        }
        assertEquals(10, failed.size());
    }

    @Test
    void sessionsGrowToTheMaximumUnderABacklogAndShrinkAgainWithNothingLostOrDoubled() throws Exception {
        Semaphore permits = new Semaphore(0);
        AtomicInteger running = new AtomicInteger();
        Bean bean = new Bean(text -> {
            running.incrementAndGet();
            permits.acquireUninterruptibly();
            running.decrementAndGet();
        });
        MillraceActivationSpec spec = queue("waves");
        spec.setMaxSession(6);
        spec.setMinSession(2);
        server.deploy(bean, spec);
        await().until(() -> bean.endpoints.get() == 2);
        server.send("waves", numbers(0, 300));

        await().atMost(30, SECONDS).until(() -> running.get() == 6);
        permits.release(300);
        await().atMost(30, SECONDS).until(() -> bean.processed.size() >= 300);
        leapMs.addAndGet(31_000);
        await().atMost(30, SECONDS).until(() -> bean.endpoints.get() == 2);

        server.send("waves", numbers(300, 400));
        await().atMost(30, SECONDS).until(() -> running.get() == 6);
        permits.release(100);
        await().atMost(30, SECONDS).until(() -> bean.processed.size() >= 400);
        server.activations.deactivate(bean, spec);
        assertEquals(400, new TreeSet<>(bean.processed).size());
        assertEquals(400, bean.processed.size());
        assertEquals(0, bean.endpoints.get());
        assertEquals(List.of(), server.rest("waves", 200));
    }

    @Test
    void sessionsComeAndGoWhileTransactedDeliveriesRollBackAndEachMessageIsCommittedOnce() throws Exception {
        AtomicInteger count = new AtomicInteger();
        ConcurrentHashMap<String, Integer> committed = new ConcurrentHashMap<>();
        TransactedBean bean = new TransactedBean(what -> {
            if (what.equals("begin")) {
                return TransactedBean.End.COMMIT;
            }
            if (count.incrementAndGet() % 5 == 0) {
                return TransactedBean.End.ROLLBACK;
            }
            if (count.get() % 50 == 0) {
                leapMs.addAndGet(31_000);
            }
            committed.merge(what.substring(0, what.indexOf('/')), 1, Integer::sum);
            return TransactedBean.End.COMMIT;
        });
        server.send("xa-waves", numbers(0, 400).stream().map(n -> n + "/").toList());
        MillraceActivationSpec spec = queue("xa-waves");
        spec.setRedeliveryDelay(0);
        spec.setRedeliveryLimit(-1);
        server.deploy(bean, spec);

        await().atMost(50, SECONDS).until(() -> committed.size() >= 400);

        server.activations.deactivate(bean, spec);
        assertEquals(400, committed.values().stream().mapToInt(n -> n).sum());
        assertEquals(List.of(), server.rest("xa-waves", 200));
    }

    @Test
    void unsharedTopicSubscriptionKeepsItsOneSession() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger entered = new AtomicInteger();
        Bean bean = new Bean(text -> {
            entered.incrementAndGet();
            pass(gate);
        });
        server.deploy(bean, Deployments.topic("one-session"));
        await().atMost(30, SECONDS).until(() -> {
            server.publish("one-session", "x");
            return entered.get() > 0;
        });
        server.publish("one-session", "y", "z");

        await().during(1, SECONDS).atMost(20, SECONDS).until(() -> bean.endpoints.get() == 1);

        gate.countDown();
    }
}
