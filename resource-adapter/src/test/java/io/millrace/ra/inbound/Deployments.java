// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import io.millrace.ra.AwayBroker;
import io.millrace.ra.BrokerSettings;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.resource.spi.endpoint.MessageEndpointFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Beans deployed on a server that is a test, over a real broker; one server for each test. Register it behind the broker. */
final class Deployments implements BeforeEachCallback, AfterEachCallback {
    private final MillraceExtension broker;
    private final long longestWaitMs;
    private final LongSupplier nanos;
    private ThreadedServer server;
    Activations activations;

    Deployments(MillraceExtension broker) {
        this(broker, Long.MAX_VALUE, System::nanoTime);
    }

    private Deployments(MillraceExtension broker, long longestWaitMs, LongSupplier nanos) {
        this.broker = broker;
        this.longestWaitMs = longestWaitMs;
        this.nanos = nanos;
    }

    /** Time passes by itself and with {@code leapMs}, milliseconds. */
    static Deployments withLeaps(MillraceExtension broker, AtomicLong leapMs) {
        return new Deployments(broker, 20, () -> System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(leapMs.get()));
    }

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        server = new ThreadedServer(longestWaitMs);
        activations = new Activations(server, nanos, AwayBroker.DEFAULT_COMMIT_WAIT_MS);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        close();
    }

    private String url() {
        return broker.broker().url();
    }

    BrokerSettings settings() {
        return new BrokerSettings(url(), null, null, null);
    }

    static MillraceActivationSpec queue(String name) {
        MillraceActivationSpec spec = new MillraceActivationSpec();
        spec.setDestination(name);
        spec.setDestinationType("jakarta.jms.Queue");
        return spec;
    }

    static MillraceActivationSpec topic(String name) {
        MillraceActivationSpec spec = queue(name);
        spec.setDestinationType("jakarta.jms.Topic");
        return spec;
    }

    void deploy(MessageEndpointFactory bean, MillraceActivationSpec spec) throws Exception {
        activations.activate(bean, spec, settings());
    }

    void send(String queue, List<String> texts) {
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext()) {
            var producer = context.createProducer();
            texts.forEach(text -> producer.send(context.createQueue(queue), text));
        }
    }

    void publish(String topic, String... texts) {
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createTopic(topic), text);
            }
        }
    }

    /** What is left in a queue, or comes soon. */
    List<String> rest(String queue, long waitMs) {
        List<String> texts = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(url()).createContext();
                JMSConsumer consumer = context.createConsumer(context.createQueue(queue))) {
            String text = consumer.receiveBody(String.class, waitMs);
            while (text != null) {
                texts.add(text);
                text = consumer.receiveBody(String.class, waitMs);
            }
        }
        return texts;
    }

    static List<String> numbers(int from, int to) {
        return IntStream.range(from, to).mapToObj(Integer::toString).toList();
    }

    /** How often the server was asked for a thread. */
    int works() {
        return server.works();
    }

    /** Undeploys everything and stops. */
    void close() {
        activations.close();
        server.close();
    }
}
