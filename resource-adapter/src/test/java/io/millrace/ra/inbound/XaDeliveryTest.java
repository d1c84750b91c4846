// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.jms.MillraceTopic;
import io.millrace.ra.BrokerSettings;
import io.millrace.ra.MillraceResourceAdapter;
import io.millrace.ra.inbound.TransactedBean.End;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.resource.spi.ActivationSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Deliveries in a server's distributed transactions, and what an activation reads through, against a real broker. */
@Timeout(60)
class XaDeliveryTest {
    private static EmbeddedBroker broker;

    private final ThreadedServer server = new ThreadedServer();
    private final List<Activations> activated = new CopyOnWriteArrayList<>();

    @BeforeAll
    static void startBroker() {
        broker = EmbeddedBroker.start();
    }

    @AfterAll
    static void stopBroker() {
        broker.close();
    }

    @AfterEach
    void stopServer() {
        activated.forEach(Activations::close);
        server.close();
    }

    private static MillraceActivationSpec spec(String type, String name) {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestination(name);
        spec.setDestinationType(type);
        spec.setMaxSession(1);
        return spec;
    }

    private Activations deploy(TransactedBean bean, MillraceActivationSpec spec) throws Exception {
        Activations activations = new Activations(server);
        activated.add(activations);
        activations.activate(bean, spec, new BrokerSettings(broker.url(), null, null, null));
        return activations;
    }

    private static void send(String queue, String... texts) {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createQueue(queue), text);
            }
        }
    }

    private static void publish(String topic, String text, String kind) {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            context.createProducer().setProperty("kind", kind).send(new MillraceTopic(topic), text);
        }
    }

    private static List<String> rest(String queue) {
        List<String> texts = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            String text = consumer.receiveBodyNoWait(String.class);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBodyNoWait(String.class);
            }
        }
        return texts;
    }

    private static void awaitHeard(TransactedBean bean, int count) {
        await().atMost(30, SECONDS).until(() -> bean.heard.size() >= count);
    }

    @Test
    void committedDeliveriesAreAcknowledged() throws Exception {
        send("xa-commit", "a", "b", "c", "d");
        TransactedBean bean = new TransactedBean(what -> End.COMMIT);
        Activations activations = deploy(bean, spec("jakarta.jms.Queue", "xa-commit"));

        awaitHeard(bean, 4);

        activations.close();
        assertEquals(List.of("a1", "b1", "c1", "d1"), bean.heard);
        assertEquals(List.of(), rest("xa-commit"));
    }

    @Test
    void rolledBackAndThrownDeliveriesComeAgainWithTheirCountsInOrder() throws Exception {
        send("xa-rollback", "a", "b");
        TransactedBean bean = new TransactedBean(what -> switch (what) {
            case "a1", "a2" -> End.ROLLBACK;
            case "b1", "b2" -> End.THROW;
            default -> End.COMMIT;
        });
        Activations activations = deploy(bean, spec("jakarta.jms.Queue", "xa-rollback"));

        awaitHeard(bean, 6);

        activations.close();
        assertEquals(List.of("a1", "a2", "a3", "b1", "b2", "b3"), bean.heard);
        assertEquals(List.of(), rest("xa-rollback"));
    }

    @Test
    void deliveryWithoutATransactionComesAgain() throws Exception {
        send("xa-no-begin", "a");
        AtomicInteger begins = new AtomicInteger();
        TransactedBean bean = new TransactedBean(
                what -> what.equals("begin") && begins.incrementAndGet() <= 2 ? End.NO_BEGIN : End.COMMIT);
        Activations activations = deploy(bean, spec("jakarta.jms.Queue", "xa-no-begin"));

        awaitHeard(bean, 1);

        activations.close();
        assertEquals(1, bean.heard.size());
        assertEquals(List.of(), rest("xa-no-begin"));
    }

    @Test
    void durableSubscriptionKeepsWhatCameWhileTheBeanWasAway() throws Exception {
        MillraceActivationSpec spec = spec("jakarta.jms.Topic", "xa-durable");
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("audit");
        spec.setClientId("xa-durable-client");
        TransactedBean first = new TransactedBean(what -> End.COMMIT);
        Activations activations = deploy(first, spec);
        await().atMost(30, SECONDS).until(() -> {
            publish("xa-durable", "probe", "any");
            return !first.heard.isEmpty();
        });
        activations.close();
        publish("xa-durable", "while away", "any");

        TransactedBean second = new TransactedBean(what -> End.COMMIT);
        deploy(second, spec);

        await().atMost(30, SECONDS).until(() -> second.heard.contains("while away1"));
    }

    @Test
    void sharedSubscriptionWithASelectorGivesEachMessageToOneServer() throws Exception {
        MillraceActivationSpec spec = spec("jakarta.jms.Topic", "xa-shared");
        spec.setShareSubscriptions(true);
        spec.setSubscriptionDurability("Durable");
        spec.setSubscriptionName("workers");
        spec.setMessageSelector("kind = 'wanted'");
        spec.setMaxSession(2);
        TransactedBean one = new TransactedBean(what -> End.COMMIT);
        TransactedBean two = new TransactedBean(what -> End.COMMIT);
        deploy(one, spec);
        deploy(two, spec);
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
        adapter.setUrl(broker.url());

        var resources = adapter.getXAResources(
                new ActivationSpec[] {spec("jakarta.jms.Queue", "a"), spec("jakarta.jms.Queue", "b")});

        assertEquals(1, resources.length);
        assertEquals(
                0,
                resources[0].recover(javax.transaction.xa.XAResource.TMSTARTRSCAN
                                | javax.transaction.xa.XAResource.TMENDRSCAN)
                        .length);
    }
}
