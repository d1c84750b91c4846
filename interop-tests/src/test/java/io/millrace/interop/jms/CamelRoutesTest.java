// SPDX-License-Identifier: Apache-2.0
package io.millrace.interop.jms;

import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.stream.IntStream;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.JmsTransactionManager;

/** Camel's JMS component on Millrace's connections. */
@Timeout(120)
class CamelRoutesTest {
    private static final Duration PATIENCE = Duration.ofSeconds(40);

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final String name = "camel-" + UUID.randomUUID();
    private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();
    private final CachingConnectionFactory factory = new CachingConnectionFactory(
            new MillraceConnectionFactory(MILLRACE.broker().url()));
    private final CamelContext camel = new DefaultCamelContext();
    private ProducerTemplate producer;

    @BeforeEach
    void start() {
        JmsTransactionManager transactions = new JmsTransactionManager(factory);
        camel.getRegistry().bind("transactions", transactions);
        add("tx", JmsComponent.jmsComponentTransacted(factory, transactions));
        add("jms", JmsComponent.jmsComponentAutoAcknowledge(factory));
        camel.start();
        producer = camel.createProducerTemplate();
    }

    private void add(String scheme, JmsComponent component) {
        component.setReceiveTimeout(200); // which a stop waits for
        camel.addComponent(scheme, component);
    }

    @AfterEach
    void stop() {
        camel.stop();
        factory.destroy();
    }

    private void route(RouteBuilder routes) throws Exception {
        camel.addRoutes(routes);
    }

    private static JMSContext context(EmbeddedBroker broker) {
        return new MillraceConnectionFactory(broker.url()).createContext();
    }

    /** What queue {@code of} has, by a connection that is not Camel's. */
    private static List<String> drain(EmbeddedBroker broker, String of, int count) {
        try (JMSContext context = context(broker);
                JMSConsumer consumer = context.createConsumer(context.createQueue(of))) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                texts.add(consumer.receiveBody(String.class, PATIENCE.toMillis()));
            }
            String more = consumer.receiveBodyNoWait(String.class);
            if (more != null) {
                texts.add(more);
            }
            return texts;
        }
    }

    @Test
    void aTransactedRouteThatFailsOnceHasSentOnceAndConsumedOnce(EmbeddedBroker broker) throws Exception {
        // Given
        route(new RouteBuilder() {
            @Override
            public void configure() {
                from("tx:queue:" + name)
                        .transacted()
                        .process(exchange -> seen.add(exchange.getMessage().getBody(String.class) + "#"
                                + exchange.getMessage().getHeader("JMSXDeliveryCount")))
                        .to("tx:queue:" + name + "-out")
                        .process(CamelRoutesTest::failTheFirstTime);
            }
        });
        // When
        producer.sendBodyAndHeader("jms:queue:" + name, "a", "colour", "red");
        // Then
        assertEquals(List.of("a"), drain(broker, name + "-out", 1));
        assertEquals(List.of("a#1", "a#2"), new ArrayList<>(seen));
        camel.stop();
        assertEquals(List.of(), drain(broker, name, 0));
    }

    private static void failTheFirstTime(Exchange exchange) {
        if (exchange.getMessage().getHeader("JMSXDeliveryCount", Integer.class) == 1) {
            throw new UnsupportedOperationException("on purpose");
        }
    }

    @Test
    void aRequestGetsItsReplyThroughATemporaryQueue() throws Exception {
        // Given
        route(new RouteBuilder() {
            @Override
            public void configure() {
                from("jms:queue:" + name + "?concurrentConsumers=2")
                        .process(exchange -> exchange.getMessage()
                                .setBody("hello " + exchange.getMessage().getBody(String.class)));
                from("direct:ask").to("jms:queue:" + name + "?requestTimeout=40000");
            }
        });
        // When
        List<String> replies = IntStream.range(0, 5)
                .mapToObj(i -> producer.requestBodyAndHeader("direct:ask", "world " + i, "number", i, String.class))
                .toList();
        // Then
        assertEquals(IntStream.range(0, 5).mapToObj(i -> "hello world " + i).toList(), replies);
    }

    @Test
    void aRequestGetsItsReplyThroughANamedQueue() throws Exception {
        // Given: of a reply queue that requesters share, each takes its own replies by selector
        route(new RouteBuilder() {
            @Override
            public void configure() {
                from("jms:queue:" + name)
                        .process(exchange -> exchange.getMessage()
                                .setBody(Map.of(
                                        "length",
                                        exchange.getMessage()
                                                .getBody(String.class)
                                                .length())));
                from("direct:ask")
                        .to("jms:queue:" + name + "?requestTimeout=40000&replyToType=Shared&replyTo=" + name
                                + "-replies");
            }
        });
        // When
        Map<?, ?> reply = producer.requestBody("direct:ask", "four", Map.class);
        // Then
        assertEquals(Map.of("length", 4), reply);
    }

    @Test
    void aDurableSubscriptionKeepsWhatIsPublishedWhileItsRouteIsDown(EmbeddedBroker broker) throws Exception {
        // Given
        add("subscriber", JmsComponent.jmsComponentAutoAcknowledge(new MillraceConnectionFactory(broker.url())));
        route(new RouteBuilder() {
            @Override
            public void configure() {
                from("subscriber:topic:" + name + "?clientId=client-" + name + "&durableSubscriptionName=audit")
                        .routeId("audit")
                        .process(exchange -> seen.add(exchange.getMessage().getBody(String.class)));
                from("jms:topic:" + name).process(exchange -> {}).routeId("other");
            }
        });
        await().atMost(PATIENCE).until(() -> {
            producer.sendBody("jms:topic:" + name, "one");
            return !seen.isEmpty();
        });
        // When
        camel.getRouteController().stopRoute("audit");
        seen.clear();
        producer.sendBody("jms:topic:" + name, "two");
        camel.getRouteController().startRoute("audit");
        producer.sendBody("jms:topic:" + name, "three");
        // Then
        await().atMost(PATIENCE).until(() -> seen.contains("three"));
        assertEquals(
                List.of("two", "three"),
                seen.stream().filter(each -> !each.equals("one")).toList());
    }

    @Test
    void routesGoOnWhenTheBrokerRestartsOnItsData(EmbeddedBroker broker) throws Exception {
        // Given
        route(new RouteBuilder() {
            @Override
            public void configure() {
                from("tx:queue:" + name).transacted().to("tx:queue:" + name + "-out");
            }
        });
        producer.sendBody("jms:queue:" + name, "before");
        assertEquals(List.of("before"), drain(broker, name + "-out", 1));
        // When
        broker.restart();
        producer.sendBody("jms:queue:" + name, "after");
        // Then
        assertEquals(List.of("after"), drain(broker, name + "-out", 1));
    }
}
