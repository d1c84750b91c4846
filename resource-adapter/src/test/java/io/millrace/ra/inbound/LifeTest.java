// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static io.millrace.ra.inbound.Bean.pass;
import static io.millrace.ra.inbound.Deployments.numbers;
import static io.millrace.ra.inbound.Deployments.queue;
import static io.millrace.ra.inbound.Deployments.topic;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.protocol.message.SubscriptionKind;
import io.millrace.ra.BrokerView;
import jakarta.resource.spi.UnavailableException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Activations from deployment to undeployment, with servers and brokers that are not ready, against a real broker. */
@Timeout(90)
class LifeTest {
    @RegisterExtension
    @Order(1)
    final MillraceExtension millrace = new MillraceExtension();

    @RegisterExtension
    @Order(2)
    final Deployments server = new Deployments(millrace);

    @Test
    void endpointIsAskedForAgainUntilTheApplicationHasStarted() throws Exception {
        AtomicInteger refusals = new AtomicInteger(3);
        Bean bean = new Bean(text -> {});
        bean.refusing(() -> {
            if (refusals.getAndDecrement() > 0) {
                throw new UnavailableException("the application starts");
            }
        });
        server.send("starting", numbers(0, 3));
        server.deploy(bean, queue("starting"));

        await().atMost(30, SECONDS).until(() -> bean.processed.size() == 3);

        assertTrue(refusals.get() < 0, "refusals left: " + refusals);
    }

    @Test
    void sessionsAreAsManyAsTheServersPoolHasEndpoints() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger running = new AtomicInteger();
        Bean bean = new Bean(text -> {
            running.incrementAndGet();
            pass(gate);
        });
        bean.refusing(() -> {
            if (bean.endpoints.get() >= 3) {
                throw new UnavailableException("the pool is exhausted");
            }
        });
        server.send("pool", numbers(0, 50));
        server.deploy(bean, queue("pool"));

        await().atMost(30, SECONDS).until(() -> running.get() == 3);
        gate.countDown();

        await().atMost(30, SECONDS).until(() -> bean.processed.size() == 50);
        assertEquals(3, bean.endpoints.get());
    }

    @Test
    void messagesThatWaitAreProcessedWithoutAChangeOfThreadsForEach() throws Exception {
        Bean bean = new Bean(text -> {});
        MillraceActivationSpec spec = queue("runs");
        spec.setMaxSession(1);
        server.send("runs", numbers(0, 1_000));
        server.deploy(bean, spec);

        await().atMost(30, SECONDS).until(() -> bean.processed.size() == 1_000);

        assertEquals(numbers(0, 1_000), bean.processed);
        assertTrue(server.works() < 500, "the server was asked for a thread " + server.works() + " times");
    }

    @Test
    void aSessionKeepsFewMessagesFromOthersBeforeItsBeanHasShownToBeFast() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        AtomicInteger entered = new AtomicInteger();
        Bean bean = new Bean(text -> {
            entered.incrementAndGet();
            pass(gate);
        });
        MillraceActivationSpec spec = queue("unknown-pace");
        spec.setMaxSession(1);
        server.send("unknown-pace", numbers(0, 200));
        server.deploy(bean, spec);
        await().atMost(30, SECONDS).until(() -> entered.get() == 1);

        List<String> others = server.rest("unknown-pace", 1_000);

        gate.countDown();
        assertTrue(others.size() >= 200 - 33, "others had " + others.size());
    }

    @Test
    void brokerThatRestartsUnderLoadIsFoundAgainAndNothingIsLost() throws Exception {
        Bean bean = new Bean(text -> {});
        server.deploy(bean, queue("restarts"));
        server.send("restarts", numbers(0, 500));
        await().atMost(20, SECONDS).until(() -> !bean.processed.isEmpty());

        millrace.broker().restart();
        server.send("restarts", numbers(500, 1_000));

        await().atMost(60, SECONDS)
                .until(() -> bean.processed.stream().distinct().count() == 1_000);
    }

    @Test
    void nonDurableSubscriptionsLeaveNothingBehindAndDurableOnesStay() throws Exception {
        Bean bean = new Bean(text -> {});
        MillraceActivationSpec plain = topic("leavings");
        MillraceActivationSpec shared = topic("leavings");
        shared.setShareSubscriptions(true);
        shared.setSubscriptionName("shared");
        MillraceActivationSpec durable = topic("leavings");
        durable.setSubscriptionDurability("Durable");
        durable.setSubscriptionName("audit");
        durable.setClientId("leavings-client");
        for (MillraceActivationSpec spec : List.of(plain, shared, durable)) {
            server.deploy(bean, spec);
        }
        await().atMost(20, SECONDS).ignoreExceptions().until(() -> kinds().size() == 3);

        for (MillraceActivationSpec spec : List.of(plain, shared, durable)) {
            server.activations.deactivate(bean, spec);
        }

        await().atMost(20, SECONDS).until(() -> kinds().equals(List.of(SubscriptionKind.DURABLE)));
        assertEquals(0, bean.endpoints.get());
        await().atMost(20, SECONDS).until(() -> millrace.broker().connectionCount() == 0);
    }

    private List<SubscriptionKind> kinds() throws Exception {
        return BrokerView.groups(millrace.broker(), "leavings").stream()
                .map(group -> group.kind())
                .sorted()
                .toList();
    }

    @Test
    void newSubscriptionStartsWhereFromSays() throws Exception {
        server.publish("replayed", "old", "older");
        Bean all = new Bean(text -> {});
        MillraceActivationSpec earliest = topic("replayed");
        earliest.setFrom("earliest");
        Bean since = new Bean(text -> {});
        MillraceActivationSpec duration = topic("replayed");
        duration.setFrom("PT1H");
        Bean later = new Bean(text -> {});
        MillraceActivationSpec time = topic("replayed");
        time.setFrom(Instant.now().plusSeconds(3_600).toString());

        server.deploy(all, earliest);
        server.deploy(since, duration);
        server.deploy(later, time);

        await().atMost(20, SECONDS).until(() -> all.processed.size() == 2 && since.processed.size() == 2);
        assertEquals(List.of("old", "older"), all.processed);
        assertEquals(List.of("old", "older"), since.processed);
        assertEquals(List.of(), later.processed);
    }

    @Test
    void orderedActivationDeliversNothingBeforeTheDeliveryOfALostConnectionHasEnded() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        CountDownLatch entered = new CountDownLatch(1);
        AtomicBoolean together = new AtomicBoolean();
        AtomicInteger running = new AtomicInteger();
        Bean bean = new Bean(text -> {
            if (running.incrementAndGet() > 1) {
                together.set(true);
            }
            entered.countDown();
            pass(gate);
            running.decrementAndGet();
        });
        MillraceActivationSpec spec = queue("ordered");
        spec.setMaxSession(1);
        spec.setOrderedByGroup(true);
        server.send("ordered", numbers(0, 3));
        server.deploy(bean, spec);
        assertTrue(entered.await(20, SECONDS));

        millrace.broker().restart();
        await().during(2, SECONDS).atMost(30, SECONDS).until(() -> running.get() == 1);
        gate.countDown();

        await().atMost(30, SECONDS).until(() -> bean.processed.contains("2"));
        assertFalse(together.get());
    }

    @Test
    void beanWithAnUnknownPropertyIsNotActivated() {
        Bean bean = new Bean(text -> {});
        bean.endpointClass = Misspelt.class;

        var failure = org.junit.jupiter.api.Assertions.assertThrows(
                jakarta.resource.spi.InvalidPropertyException.class, () -> server.deploy(bean, queue("misspelt")));

        assertTrue(failure.getMessage().contains("did you mean 'messageSelector'?"), failure.getMessage());
    }

    @jakarta.ejb.MessageDriven(
            activationConfig =
                    @jakarta.ejb.ActivationConfigProperty(propertyName = "mesageSelector", propertyValue = "a = 1"))
    private static final class Misspelt {}
}
