// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms.interop;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.broker.server.EmbeddedBroker;
import io.millrace.broker.server.MillraceExtension;
import io.millrace.jms.MillraceConnectionFactory;
import jakarta.jms.BytesMessage;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import javax.management.BadAttributeValueExpException;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Messages of every JMS type between the provider and the stock Kafka client, both ways (docs/interop.md). */
@Timeout(60)
class MessageTypesInteropTest {
    private static final long PATIENCE_MS = 20_000;

    @RegisterExtension
    static final MillraceExtension MILLRACE = new MillraceExtension();

    private final EmbeddedBroker broker = MILLRACE.broker();

    /** Fills a message. */
    private interface Make {
        Message in(JMSContext context) throws JMSException;
    }

    /** Sends with JMS, reads with Kafka. */
    private ConsumerRecord<byte[], byte[]> read(String topic, Make make) throws JMSException {
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            context.createProducer()
                    .setProperty("colour", "gr\u00fcn")
                    .setProperty("count", 5L)
                    .setProperty("JMSXGroupID", "g")
                    .send(context.createQueue(topic), make.in(context));
        }
        try (var consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ConsumerConfig.AUTO_OFFSET_RESET_CONFIG,
                        "earliest"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(new TopicPartition(topic, 0)));
            long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MS);
            while (System.nanoTime() < deadline) {
                var records = consumer.poll(Duration.ofMillis(200));
                if (!records.isEmpty()) {
                    ConsumerRecord<byte[], byte[]> record = records.iterator().next();
                    assertEquals("g", new String(record.key(), UTF_8));
                    assertEquals("gr\u00fcn", header(record, "colour"));
                    assertEquals("5", header(record, "count"));
                    return record;
                }
            }
            throw new AssertionError("nothing arrived from " + topic);
        }
    }

    private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
        return new String(record.headers().lastHeader(name).value(), UTF_8);
    }

    /** Sends with Kafka, reads with JMS. */
    private Message receive(String topic, String contentType, byte[] value) throws Exception {
        try (var producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, "k".getBytes(UTF_8), value);
            record.headers().add("content-type", contentType.getBytes(UTF_8)).add("colour", "blue".getBytes(UTF_8));
            producer.send(record).get(PATIENCE_MS, TimeUnit.MILLISECONDS);
        }
        try (JMSContext context = new MillraceConnectionFactory(broker.url()).createContext()) {
            Message message = context.createConsumer(context.createQueue(topic)).receive(PATIENCE_MS);
            assertNotNull(message, "nothing arrived");
            assertEquals("blue", message.getStringProperty("colour"));
            assertEquals("k", message.getStringProperty("JMSXGroupID"));
            assertEquals("ID:" + topic + "-0-0", message.getJMSMessageID());
            return message;
        }
    }

    @Test
    void kafkaReadsATextMessageAsText() throws Exception {
        assertEquals(
                "Zo\u00eb",
                new String(
                        read("t-out", context -> context.createTextMessage("Zo\u00eb"))
                                .value(),
                        UTF_8));
        assertNull(read("t-null-out", JMSContext::createTextMessage).value());
    }

    @Test
    void kafkaReadsABytesMessageAsItsBytes() throws Exception {
        assertArrayEquals(
                new byte[] {0, -1},
                read("b-out", context -> {
                            BytesMessage message = context.createBytesMessage();
                            message.writeBytes(new byte[] {0, -1});
                            return message;
                        })
                        .value());
    }

    @Test
    void kafkaReadsAMessageWithoutBodyAsNull() throws Exception {
        assertNull(read("m-out", JMSContext::createMessage).value());
    }

    @Test
    void kafkaReadsAMapMessageAsAJsonObject() throws Exception {
        assertEquals(
                "{\"item\":\"hops\",\"count\":3,\"price\":1.5,\"paid\":true,\"note\":null,\"photo\":\"AQID\"}",
                new String(
                        read("map-out", context -> {
                                    MapMessage message = context.createMapMessage();
                                    message.setString("item", "hops");
                                    message.setLong("count", 3);
                                    message.setFloat("price", 1.5f);
                                    message.setBoolean("paid", true);
                                    message.setString("note", null);
                                    message.setBytes("photo", new byte[] {1, 2, 3});
                                    return message;
                                })
                                .value(),
                        UTF_8));
    }

    @Test
    void kafkaReadsAStreamMessageAsAJsonArray() throws Exception {
        assertEquals(
                "[1,\"a\",\"two\"]",
                new String(
                        read("stream-out", context -> {
                                    StreamMessage message = context.createStreamMessage();
                                    message.writeShort((short) 1);
                                    message.writeChar('a');
                                    message.writeString("two");
                                    return message;
                                })
                                .value(),
                        UTF_8));
    }

    @Test
    void kafkaReadsAnObjectMessageAsJavaSerialization() throws Exception {
        byte[] value = read("object-out", context -> context.createObjectMessage(new ArrayList<>(List.of(1, "a"))))
                .value();

        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(value))) {
            assertEquals(List.of(1, "a"), in.readObject());
        }
    }

    @Test
    void jmsReadsTextAndBytesByTheirContentType() throws Exception {
        assertEquals(
                "{\"a\":1}",
                assertInstanceOf(TextMessage.class, receive("t-in", "application/json", "{\"a\":1}".getBytes(UTF_8)))
                        .getText());
        assertArrayEquals(
                new byte[] {1},
                assertInstanceOf(BytesMessage.class, receive("b-in", "application/octet-stream", new byte[] {1}))
                        .getBody(byte[].class));
    }

    @Test
    void jmsReadsAJsonObjectThatIsCalledAMapAsMapMessage() throws Exception {
        MapMessage message = assertInstanceOf(
                MapMessage.class,
                receive(
                        "map-in",
                        "application/x-jms-map+json",
                        "{\"item\":\"Zo\u00eb\",\"count\":3,\"price\":1.5,\"tags\":[\"a\"]}".getBytes(UTF_8)));

        assertEquals("Zo\u00eb", message.getString("item"));
        assertEquals(3, message.getInt("count"));
        assertEquals(1.5, message.getDouble("price"));
        assertEquals("[\"a\"]", message.getString("tags"), "what a MapMessage cannot hold is its text");
    }

    @Test
    void jmsReadsAJsonArrayThatIsCalledAStreamAsStreamMessage() throws Exception {
        StreamMessage message = assertInstanceOf(
                StreamMessage.class,
                receive("stream-in", "application/x-jms-stream+json", "[1, \"two\"]".getBytes(UTF_8)));

        assertEquals(1, message.readInt());
        assertEquals("two", message.readString());
    }

    @Test
    void whatIsNoJsonArrivesAsTheBytesItIs() throws Exception {
        byte[] value = "{oops".getBytes(UTF_8);

        assertArrayEquals(
                value,
                assertInstanceOf(BytesMessage.class, receive("broken-in", "application/x-jms-map+json", value))
                        .getBody(byte[].class));
    }

    @Test
    void aKafkaProducersObjectIsGuardedLikeAnyOther() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(new Object[] {new BadAttributeValueExpException("x")});
        }
        ObjectMessage message = assertInstanceOf(
                ObjectMessage.class, receive("object-in", "application/x-java-serialized-object", bytes.toByteArray()));

        MessageFormatException e = assertThrows(MessageFormatException.class, message::getObject);

        assertTrue(e.getMessage().contains(BadAttributeValueExpException.class.getName()), e.getMessage());
    }
}
