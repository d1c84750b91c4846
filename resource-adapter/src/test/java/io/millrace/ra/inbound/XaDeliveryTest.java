// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static io.millrace.ra.inbound.Deployments.queue;
import static io.millrace.ra.inbound.Deployments.topic;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceTopic;
import io.millrace.ra.MillraceResourceAdapter;
import io.millrace.ra.inbound.TransactedBean.End;
import jakarta.jms.JMSContext;
import jakarta.resource.spi.ActivationSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deliveries in a server's distributed transactions, and what an activation reads through, against a real broker. */
@Timeout(60)
class XaDeliveryTest {
    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    @RegisterExtension
    final Deployments server = new Deployments(MILLRACE);

    private static MillraceActivationSpec oneByOne(MillraceActivationSpec spec) {
        spec.setMaxSession(1);
        return spec;
    }

    private static void publish(String topic, String text, String kind) {
        try (JMSContext context =
                new MillraceConnectionFactory(MILLRACE.broker().url()).createContext()) {
            context.createProducer().setProperty("kind", kind).send(new MillraceTopic(topic), text);
        }
    }

    private static void awaitHeard(TransactedBean bean, int count) {
        await().atMost(30, SECONDS).until(() -> bean.heard.size() >= count);
    }

    @Test
    void committedDeliveriesAreAcknowledged() throws Exception {
        server.send("xa-commit", List.of("a", "b", "c", "d"));
        TransactedBean bean = new TransactedBean(what -> End.COMMIT);
        MillraceActivationSpec spec = oneByOne(queue("xa-commit"));
        server.deploy(bean, spec);

        awaitHeard(bean, 4);

        server.activations.deactivate(bean, spec);
        assertEquals(List.of("a1", "b1", "c1", "d1"), bean.heard);
        assertEquals(List.of(), server.rest("xa-commit", 100));
    }

    @Test
    void rolledBackAndThrownDeliveriesComeAgainWithTheirCountsInOrder() throws Exception {
        server.send("xa-rollback", List.of("a", "b"));
        TransactedBean bean = new TransactedBean(what -> switch (what) {
            case "a1", "a2" -> End.ROLLBACK;
            case "b1", "b2" -> End.THROW;
            default -> End.COMMIT;
        });
        MillraceActivationSpec spec = oneByOne(queue("xa-rollback"));
        server.deploy(bean, spec);

        awaitHeard(bean, 6);

        server.activations.deactivate(bean, spec);
        assertEquals(List.of("a1", "a2", "a3", "b1", "b2", "b3"), bean.heard);
        assertEquals(List.of(), server.rest("xa-rollback", 100));
    }

    @Test
    void rolledBackDeliveryComesAgainBeforeWhatItsSessionHasBuffered() throws Exception {
        List<String> ten = IntStream.range(0, 10).mapToObj(i -> "m" + i + "-").toList();
        server.send("xa-order", ten);
        TransactedBean bean =
                new TransactedBean(what -> List.of("m2-1", "m7-1", "m7-2").contains(what) ? End.ROLLBACK : End.COMMIT);
        MillraceActivationSpec spec = oneByOne(queue("xa-order"));
        server.deploy(bean, spec);

        awaitHeard(bean, 13);

        server.activations.deactivate(bean, spec);
        assertEquals(
                List.of(
                        "m0-1", "m1-1", "m2-1", "m2-2", "m3-1", "m4-1", "m5-1", "m6-1", "m7-1", "m7-2", "m7-3", "m8-1",
                        "m9-1"),
                bean.heard);
    }

    @Test
    void messageOfABeanThatWorksLongerThanItsTransactionMayGoesToAnotherSessionMeanwhile() throws Exception {
        server.send("xa-timeout", List.of("a"));
        CountDownLatch again = new CountDownLatch(1);
        AtomicBoolean inTime = new AtomicBoolean();
        TransactedBean bean = new TransactedBean(
                what -> {
                    if (what.equals("a1")) {
                        inTime.set(isOpenWithin30Seconds(again));
                    } else if (what.equals("a2")) {
                        again.countDown();
                    }
                    return End.COMMIT;
                },
                1);
        MillraceActivationSpec spec = queue("xa-timeout");
        spec.setMinSession(2);
        spec.setMaxSession(2);
        server.deploy(bean, spec);

        await().atMost(45, SECONDS).untilTrue(inTime);

        server.activations.deactivate(bean, spec);
        assertEquals(List.of("a1", "a2"), bean.heard);
        assertEquals(List.of(), server.rest("xa-timeout", 100));
    }

    private static boolean isOpenWithin30Seconds(CountDownLatch latch) {
        try {
            return latch.await(30, SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void deliveryWithoutATransactionComesAgain() throws Exception {
        server.send("xa-no-begin", List.of("a"));
        AtomicInteger begins = new AtomicInteger();
        TransactedBean bean = new TransactedBean(
                what -> what.equals("begin") && begins.incrementAndGet() <= 2 ? End.NO_BEGIN : End.COMMIT);
        MillraceActivationSpec spec = oneByOne(queue("xa-no-begin"));
        server.deploy(bean, spec);

        awaitHeard(bean, 1);

        server.activations.deactivate(bean, spec);
        assertEquals(1, bean.heard.size());
        assertEquals(List.of(), server.rest("xa-no-begin", 100));
    }

    @Test
    void deliveryWithoutATransactionInTheMiddleOfARunComesAgain() throws Exception {
        AtomicInteger begins = new AtomicInteger();
        TransactedBean bean = new TransactedBean(
                what -> what.equals("begin") && begins.incrementAndGet() == 3 ? End.NO_BEGIN : End.COMMIT);
        server.send("xa-middle", List.of("a", "b", "c", "d"));
        MillraceActivationSpec spec = oneByOne(queue("xa-middle"));
        server.deploy(bean, spec);

        awaitHeard(bean, 4);

        server.activations.deactivate(bean, spec);
        assertEquals(
                List.of("a", "b", "c", "d"),
                bean.heard.stream().map(what -> what.substring(0, 1)).toList());
        assertEquals(5, begins.get());
        assertEquals(List.of(), server.rest("xa-middle", 100));
    }

    @Test
    void durableSubscriptionKeepsWhatCameWhileTheBeanWasAway() throws Exception {
        MillraceActivationSpec spec = oneByOne(topic("xa-durable"));
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("audit");
        spec.setClientId("xa-durable-client");
        TransactedBean first = new TransactedBean(what -> End.COMMIT);
        server.deploy(first, spec);
        await().atMost(30, SECONDS).until(() -> {
            publish("xa-durable", "probe", "any");
            return !first.heard.isEmpty();
        });
        server.activations.deactivate(first, spec);
        publish("xa-durable", "while away", "any");

        TransactedBean second = new TransactedBean(what -> End.COMMIT);
        server.deploy(second, spec);

        await().atMost(30, SECONDS).until(() -> second.heard.contains("while away1"));
    }

    @Test
    void sharedSubscriptionWithASelectorGivesEachMessageToOneServer() throws Exception {
        MillraceActivationSpec spec = oneByOne(topic("xa-shared"));
        spec.setShareSubscriptions(true);
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("workers");
        spec.setMessageSelector("kind = 'wanted'");
        spec.setMaxSession(2);
        TransactedBean one = new TransactedBean(what -> End.COMMIT);
        TransactedBean two = new TransactedBean(what -> End.COMMIT);
        server.deploy(one, spec);
        server.deploy(two, spec);
        await().atMost(30, SECONDS).until(() -> {
            publish("xa-shared", "probe", "wanted");
            return one.heard.size() + two.heard.size() > 0;
        });
        for (int i = 0; i < 20; i++) {
            publish("xa-shared", "m" + i, i % 2 == 0 ? "wanted" : "other");
        }

        await().atMost(30, SECONDS).until(() -> real(one, two).size() >= 10);

        assertEquals(10, real(one, two).stream().distinct().count());
        assertEquals(10, real(one, two).size());
    }

    private static List<String> real(TransactedBean one, TransactedBean two) {
        List<String> all = new ArrayList<>(one.heard);
        all.addAll(two.heard);
        all.removeIf(text -> text.startsWith("probe"));
        return all;
    }

    @Test
    void recoveryIsOfferedForTheBrokersOfTheActivations() throws Exception {
        MillraceResourceAdapter adapter = new MillraceResourceAdapter();
        adapter.setUrl(MILLRACE.broker().url());

        var resources = adapter.getXAResources(new ActivationSpec[] {oneByOne(queue("a")), oneByOne(queue("b"))});

        assertEquals(1, resources.length);
        assertEquals(
                0,
                resources[0].recover(javax.transaction.xa.XAResource.TMSTARTRSCAN
                                | javax.transaction.xa.XAResource.TMENDRSCAN)
                        .length);
    }
}
