// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.interop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.TextMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The stock Java client, kcat and the JMS provider read what the others wrote: each of the six directions. */
class ThreeClientsTest {
    private static final long PATIENCE_MS = 20_000;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final EmbeddedBroker broker = MILLRACE.broker();

    @Test
    void jmsReadsWhatTheKafkaProducerWrote() throws Exception {
        produceWithKafka("kafka-to-jms", "k", "from kafka");

        Message received = receiveWithJms("kafka-to-jms");

        assertEquals("from kafka", assertInstanceOf(TextMessage.class, received).getText());
        assertEquals("k", received.getStringProperty("JMSXGroupID"));
        assertEquals("blue", received.getStringProperty("colour"));
    }

    @Test
    void kafkaConsumerReadsWhatJmsWrote() {
        sendWithJms("jms-to-kafka", "from jms");

        ConsumerRecord<String, String> read = consumeWithKafka("jms-to-kafka");

        assertEquals("from jms", read.value());
        assertEquals("g", read.key());
        assertArrayEquals(
                "blue".getBytes(StandardCharsets.UTF_8),
                read.headers().lastHeader("colour").value());
    }

    @Test
    void jmsReadsWhatKcatWrote() throws Exception {
        Kcat.assumeInstalled();
        Kcat.produce(broker.bootstrapServers(), "kcat-to-jms", "k:from kcat", "-K:", "-H", "colour=blue");

        Message received = receiveWithJms("kcat-to-jms");

        assertEquals("from kcat", assertInstanceOf(TextMessage.class, received).getText());
        assertEquals("k", received.getStringProperty("JMSXGroupID"));
        assertEquals("blue", received.getStringProperty("colour"));
    }

    @Test
    void kcatReadsWhatJmsWrote() throws Exception {
        Kcat.assumeInstalled();
        sendWithJms("jms-to-kcat", "from jms");

        List<String> lines = Kcat.consume(broker.bootstrapServers(), "jms-to-kcat", "%k %s\\n");

        assertEquals(List.of("g from jms"), lines);
    }

    @Test
    void kcatReadsWhatTheKafkaProducerWrote() throws Exception {
        Kcat.assumeInstalled();
        produceWithKafka("kafka-to-kcat", "k", "from kafka");

        List<String> lines = Kcat.consume(broker.bootstrapServers(), "kafka-to-kcat", "%k %s %h\\n");

        assertEquals(List.of("k from kafka colour=blue"), lines);
    }

    @Test
    void kafkaConsumerReadsWhatKcatWroteCompressed() throws Exception {
        Kcat.assumeInstalled();
        Kcat.produce(broker.bootstrapServers(), "kcat-to-kafka", "k:from kcat", "-K:", "-z", "gzip");

        ConsumerRecord<String, String> read = consumeWithKafka("kcat-to-kafka");

        assertEquals("k=from kcat", read.key() + "=" + read.value());
    }

    @Test
    void bytesStayBytesBothWays() throws Exception {
        byte[] body = {0, -1, 127, 10};
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            context.createProducer().send(context.createQueue("bytes"), body);
        }

        BytesMessage received = assertInstanceOf(BytesMessage.class, receiveWithJms("bytes"));

        assertArrayEquals(body, received.getBody(byte[].class));
    }

    private void sendWithJms(String queue, String text) {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            context.createProducer()
                    .setProperty("JMSXGroupID", "g")
                    .setProperty("colour", "blue")
                    .send(context.createQueue(queue), text);
        }
    }

    private Message receiveWithJms(String queue) throws JMSException {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            Message message = context.createConsumer(context.createQueue(queue)).receive(PATIENCE_MS);
            assertNotNull(message, "nothing arrived");
            return message;
        }
    }

    private void produceWithKafka(String topic, String key, String value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            ProducerRecord<String, String> record = new ProducerRecord<>(topic, key, value);
            record.headers().add("colour", "blue".getBytes(StandardCharsets.UTF_8));
            producer.send(record).get(PATIENCE_MS, TimeUnit.MILLISECONDS);
        }
    }

    private ConsumerRecord<String, String> consumeWithKafka(String topic) {
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ConsumerConfig.GROUP_ID_CONFIG,
                        "data-team-" + topic,
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new StringDeserializer(),
                new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
            while (System.nanoTime() < deadline) {
                var records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) {
                    return records.iterator().next();
                }
            }
            throw new AssertionError("nothing arrived from " + topic);
        }
    }
}
