// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.jms.JmsRecord.Origin;
import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.record.RecordHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class JmsRecordCodecTest {
    @Test
    void everyFieldSurvives() {
        JmsRecord sent = full().build();

        JmsRecord received = Records.roundTrip(sent, BodyType.BYTES);

        assertSame(sent, received);
        assertEquals(Origin.JMS, received.origin());
    }

    @Test
    void messageWithDefaultsSurvives() {
        JmsRecord sent = JmsRecord.builder().build();

        JmsRecord received = Records.roundTrip(sent, BodyType.TEXT);

        assertSame(sent, received);
        assertEquals(BodyType.MESSAGE, received.bodyType());
        assertNull(received.body());
        assertEquals(4, received.priority());
        assertEquals(JmsRecord.PERSISTENT, received.deliveryMode());
    }

    @Test
    void nullTextAndEmptyTextAreDifferent() {
        JmsRecord nothing = Records.roundTrip(JmsRecord.builder().text(null).build(), BodyType.BYTES);
        JmsRecord empty = Records.roundTrip(JmsRecord.builder().text("").build(), BodyType.BYTES);

        assertNull(nothing.text());
        assertEquals("", empty.text());
        assertEquals(BodyType.TEXT, nothing.bodyType());
    }

    @Test
    void kafkaConsumerSeesReadableKeyValueAndProperties() {
        OutgoingRecord record = JmsRecordCodec.encode(JmsRecord.builder()
                .text("gr\u00fcn")
                .groupId("g1")
                .property("count", 5)
                .property("name", "n\u00e4")
                .build());

        assertEquals("gr\u00fcn", new String(record.value(), UTF_8));
        assertEquals("g1", new String(record.key(), UTF_8));
        assertEquals(RecordHeader.of("count", "5"), record.headers().get(0));
        assertEquals(RecordHeader.of("name", "n\u00e4"), record.headers().get(1));
        assertEquals("jms", record.headers().get(2).key());
    }

    @Test
    void propertyNamedAsTheHeaderSurvives() {
        JmsRecord sent = JmsRecord.builder().property("jms", "a property").build();

        JmsRecord received = Records.roundTrip(sent, BodyType.BYTES);

        assertEquals(Map.of("jms", "a property"), received.properties());
        assertEquals(Origin.JMS, received.origin());
    }

    @Test
    void headerAddedOnTheWayBecomesAStringProperty() {
        OutgoingRecord record =
                JmsRecordCodec.encode(JmsRecord.builder().property("count", 5).build());
        List<RecordHeader> headers = new ArrayList<>(record.headers());
        headers.add(RecordHeader.of("traceparent", "00-ab"));
        headers.add(0, RecordHeader.of("not-an-identifier", "x"));

        JmsRecord received = Records.decode(1, null, null, headers, BodyType.TEXT);

        assertEquals(Map.of("count", 5, "traceparent", "00-ab"), received.properties());
    }

    @Test
    void propertyChangedOnTheWayToWhatIsNotItsTypeIsText() {
        OutgoingRecord record = JmsRecordCodec.encode(
                JmsRecord.builder().property("count", 5).property("flag", true).build());
        List<RecordHeader> headers = List.of(
                RecordHeader.of("count", "five"),
                RecordHeader.of("flag", "yes"),
                record.headers().get(2));

        JmsRecord received = Records.decode(1, null, null, headers, BodyType.TEXT);

        assertEquals(Map.of("count", "five", "flag", "yes"), received.properties());
    }

    @Test
    void bodyTypeOfANewerSenderReadsAsBytes() {
        byte[] header = jmsHeader(full().build());
        header[1] = 77;

        JmsRecord received =
                Records.decode(1, null, new byte[] {1, 2}, List.of(new RecordHeader("jms", header)), BodyType.TEXT);

        assertEquals(BodyType.BYTES, received.bodyType());
        assertArrayEquals(new byte[] {1, 2}, received.body());
        assertEquals(Origin.JMS, received.origin());
    }

    @Test
    void damagedHeaderReadsAsForeignRecordAndSaysSo() {
        byte[] good = jmsHeader(full().build());
        for (int length = 0; length < good.length; length++) {
            RecordHeader cut = new RecordHeader("jms", Arrays.copyOf(good, length));

            JmsRecord received = Records.decode(
                    7, null, "text".getBytes(UTF_8), List.of(cut, RecordHeader.of("p", "v")), BodyType.TEXT);

            assertEquals(Origin.DAMAGED, received.origin(), "cut to " + length);
            assertEquals("text", received.text());
            assertEquals(Map.of("p", "v"), received.properties());
            assertNull(received.messageId());
        }
    }

    @Test
    void headerOfANewerVersionReadsAsForeignRecordAndSaysSo() {
        byte[] header = jmsHeader(full().build());
        header[0] = 2;

        JmsRecord received = Records.decode(7, null, null, List.of(new RecordHeader("jms", header)), BodyType.TEXT);

        assertEquals(Origin.DAMAGED, received.origin());
    }

    @Test
    void randomHeaderBytesNeverFail() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good = jmsHeader(full().build());
        for (int round = 0; round < 5_000; round++) {
            byte[] bytes = good.clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                JmsRecord received =
                        Records.decode(7, null, null, List.of(new RecordHeader("jms", bytes)), BodyType.TEXT);
                assertTrue(received.priority() >= 0 && received.priority() <= 9);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    @Test
    void builtRecordDoesNotChangeWithItsBuilder() {
        JmsRecord.Builder builder = full();
        JmsRecord built = builder.build();

        builder.priority(1).property("later", "x");

        assertEquals(7, built.priority());
        assertEquals(null, built.properties().get("later"));
        assertThrows(RuntimeException.class, () -> built.properties().put("x", "y"));
    }

    @Test
    void propertyOfAnotherTypeIsRefused() {
        JmsRecord.Builder builder = JmsRecord.builder();

        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> builder.property("p", new byte[1]));

        assertTrue(e.getMessage().contains("property cannot be"), e.getMessage());
    }

    private static JmsRecord.Builder full() {
        return JmsRecord.builder()
                .text("body \u20ac")
                .messageId("ID:1-2-3")
                .deliveryMode(JmsRecord.NON_PERSISTENT)
                .priority(7)
                .expirationMs(1_800_000_000_000L)
                .deliveryTimeMs(1_700_000_000_500L)
                .timestampMs(1_700_000_000_000L)
                .correlationId("corr")
                .replyTo(new JmsDestination(DestinationKind.TOPIC, "answers"))
                .destination(new JmsDestination(DestinationKind.QUEUE, "orders"))
                .type("order")
                .groupId("group")
                .clientIncarnation(new UUID(3, 4))
                .property("bool", true)
                .property("byte", (byte) -1)
                .property("short", (short) 2)
                .property("int", 3)
                .property("long", Long.MIN_VALUE)
                .property("float", 1.5f)
                .property("double", Double.NaN)
                .property("string", "\u00fc")
                .property("empty", "")
                .property("none", null)
                .property("JMS_Millrace_x", "own");
    }

    private static byte[] jmsHeader(JmsRecord message) {
        List<RecordHeader> headers = JmsRecordCodec.encode(message).headers();
        return headers.get(headers.size() - 1).value();
    }

    private static void assertSame(JmsRecord expected, JmsRecord actual) {
        assertEquals(expected.bodyType(), actual.bodyType());
        assertArrayEquals(expected.body(), actual.body());
        assertEquals(expected.messageId(), actual.messageId());
        assertEquals(expected.deliveryMode(), actual.deliveryMode());
        assertEquals(expected.priority(), actual.priority());
        assertEquals(expected.expirationMs(), actual.expirationMs());
        assertEquals(expected.deliveryTimeMs(), actual.deliveryTimeMs());
        assertEquals(expected.timestampMs(), actual.timestampMs());
        assertEquals(expected.correlationId(), actual.correlationId());
        assertEquals(expected.replyTo(), actual.replyTo());
        assertEquals(expected.destination(), actual.destination());
        assertEquals(expected.type(), actual.type());
        assertEquals(expected.groupId(), actual.groupId());
        assertEquals(expected.clientIncarnation(), actual.clientIncarnation());
        assertEquals(new LinkedHashMap<>(expected.properties()), new LinkedHashMap<>(actual.properties()));
        assertEquals(
                List.copyOf(expected.properties().keySet()),
                List.copyOf(actual.properties().keySet()));
    }
}
