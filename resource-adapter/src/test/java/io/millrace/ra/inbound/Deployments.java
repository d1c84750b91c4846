// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

import io.millrace.jms.MillraceConnectionFactory;
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

/** Beans deployed on a server that is a test, over a real broker. */
final class Deployments implements AutoCloseable {
    final Activations activations;
    private final ThreadedServer server;
    private final String url;

    Deployments(String url) throws Exception {
        this(url, new ThreadedServer(), System::nanoTime);
    }

    private Deployments(String url, ThreadedServer server, LongSupplier nanos) throws Exception {
        this.url = url;
        this.server = server;
        this.activations = new Activations(server, nanos);
    }

    /** Time passes by itself and with {@code leapMs}, milliseconds. */
    static Deployments withLeaps(String url, AtomicLong leapMs) throws Exception {
        return new Deployments(
                url, new ThreadedServer(20), () -> System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(leapMs.get()));
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
        activations.activate(bean, spec, new BrokerSettings(url, null, null, null));
    }

    void send(String queue, List<String> texts) {
        try (JMSContext context = new MillraceConnectionFactory(url).createContext()) {
            var producer = context.createProducer();
            texts.forEach(text -> producer.send(context.createQueue(queue), text));
        }
    }

    void publish(String topic, String... texts) {
        try (JMSContext context = new MillraceConnectionFactory(url).createContext()) {
            for (String text : texts) {
                context.createProducer().send(context.createTopic(topic), text);
            }
        }
    }

    /** What is left in a queue, or comes soon. */
    List<String> rest(String queue, long waitMs) {
        List<String> texts = new ArrayList<>();
        try (JMSContext context = new MillraceConnectionFactory(url).createContext();
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

    @Override
    public void close() {
        activations.close();
        server.close();
    }
}
