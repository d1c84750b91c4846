// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static io.millrace.ra.inbound.Bean.pass;
import static io.millrace.ra.inbound.Deployments.numbers;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSContext;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A bean is undeployed from a running server and deployed again, against a real broker. */
@Timeout(60)
class UndeployTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    @RegisterExtension
    final Deployments server = new Deployments(MILLRACE);

    private static MillraceActivationSpec queue(String name) {
        MillraceActivationSpec spec = Deployments.queue(name);
        spec.setMaxSession(1);
        return spec;
    }

    private static void send(String queue, List<String> texts) {
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            var producer = context.createProducer().setProperty("JMSXGroupID", "one partition, one order");
            texts.forEach(text -> producer.send(context.createQueue(queue), text));
        }
    }

    @Test
    void undeployWaitsForTheRunningDeliveryAndLeavesTheRestToTheNextDeployment() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        Bean first = new Bean(text -> {
            if (text.equals("10")) {
                entered.countDown();
                pass(gate);
            }
        });
        MillraceActivationSpec spec = queue("undeploy");
        server.deploy(first, spec);
        send("undeploy", numbers(0, 100));
        assertTrue(entered.await(20, SECONDS));

        Thread undeploying = new Thread(() -> server.activations.deactivate(first, spec));
        undeploying.start();
        await().until(() -> undeploying.getState() == Thread.State.TIMED_WAITING);
        gate.countDown();
        undeploying.join();

        assertEquals(numbers(0, 11), first.processed);
        assertEquals(0, first.endpoints.get());
        send("undeploy", numbers(100, 200));
        Bean second = new Bean(text -> {});
        server.deploy(second, queue("undeploy"));
        await().atMost(20, SECONDS).until(() -> second.processed.size() >= 189);
        assertEquals(numbers(11, 200), second.processed);
        assertEquals(numbers(0, 11), first.processed);
    }

    @Test
    void aDeliveryThatDoesNotEndKeepsNeitherTheServerNorTheMessage() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch gate = new CountDownLatch(1);
        Bean hanging = new Bean(text -> {
            entered.countDown();
            pass(gate);
        });
        ThreadedServer another = new ThreadedServer();
        Container container = new Container(another, System::nanoTime, 0);
        InboundLink link = InboundLink.open(
                new InboundLink.Activity(
                        Subscription.of(queue("hanging"), server.settings()),
                        Endpoints.of(hanging),
                        container,
                        new Tally(InstantSource.system())),
                loss -> {});
        link.start();
        send("hanging", List.of("a", "b"));
        assertTrue(entered.await(20, SECONDS));

        link.close(200);

        Bean next = new Bean(text -> {});
        server.deploy(next, queue("hanging"));
        await().atMost(20, SECONDS).until(() -> next.processed.size() >= 2);
        assertEquals(List.of("a", "b"), next.processed);
        gate.countDown();
        await().until(() -> hanging.endpoints.get() == 0);
        assertFalse(hanging.processed.contains("b"));
        container.close();
        another.close();
    }

    @Test
    void aFailedAttemptToConnectGivesAllEndpointsBack() throws Exception {
        Bean bean = new Bean(text -> {});
        MillraceActivationSpec spec = queue("no such name: \u0000");
        spec.setMaxSession(3);
        server.deploy(bean, spec);

        await().during(1, SECONDS).atMost(20, SECONDS).until(() -> bean.endpoints.get() <= 3);
        server.activations.deactivate(bean, spec);

        assertEquals(0, bean.endpoints.get());
    }

    @Test
    void failedDeliveriesComeAgainInOrderUntilTheySucceed() throws Exception {
        CountDownLatch failures = new CountDownLatch(2);
        Bean bean = new Bean(text -> {
            if (text.equals("1") && failures.getCount() > 0) {
                failures.countDown();
                throw new IllegalStateException("not yet");
            }
        });
        server.deploy(bean, queue("failing"));
        send("failing", numbers(0, 5));

        await().atMost(20, SECONDS).until(() -> bean.processed.size() >= 5);

        assertEquals(numbers(0, 5), bean.processed);
        assertEquals(0, failures.getCount());
    }
}
