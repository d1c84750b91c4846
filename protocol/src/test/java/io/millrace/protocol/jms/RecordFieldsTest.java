// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.millrace.protocol.jms.JmsRecord.Origin;
import io.millrace.protocol.record.BatchBuilder;
import io.millrace.protocol.record.RecordHeader;
import io.millrace.protocol.record.RecordReader;
import io.millrace.protocol.record.RecordView;
import io.millrace.protocol.selector.Selector;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;

class RecordFieldsTest {
    private static final byte[] NOT_UTF8 = {(byte) 0xc3, 0x28};

    private static JmsRecord.Builder full() {
        return JmsRecord.builder()
                .text("body")
                .messageId("ID:1-2-3")
                .deliveryMode(JmsRecord.NON_PERSISTENT)
                .priority(7)
                .expirationMs(1_800_000_000_000L)
                .deliveryTimeMs(1_700_000_000_500L)
                .timestampMs(1_700_000_000_000L)
                .correlationId("corr")
                .type("order")
                .groupId("group")
                .clientIncarnation(new UUID(3, 4))
                .property("bool", true)
                .property("byte", (byte) -1)
                .property("short", (short) 2)
                .property("int", 3)
                .property("long", Long.MIN_VALUE)
                .property("float", 1.5f)
                .property("double", 2.5)
                .property("string", "\u00fc")
                .property("none", null)
                .property("jms", "a property");
    }

    private static void withRecord(
            byte[] key, List<RecordHeader> headers, BiConsumer<RecordView, RecordFields> assertions) {
        ByteBuf batch = new BatchBuilder(UnpooledByteBufAllocator.DEFAULT)
                .add(1_700_000_000_000L, key, "body".getBytes(UTF_8), headers)
                .build();
        try (RecordReader reader = RecordReader.ofBatch(UnpooledByteBufAllocator.DEFAULT, batch, 0, 1 << 20)) {
            RecordView view = reader.next();
            assertions.accept(view, new RecordFields(view, "orders", 2));
        } finally {
            batch.release();
        }
    }

    private static void withMessage(JmsRecord message, BiConsumer<RecordView, RecordFields> assertions) {
        OutgoingRecord out = JmsRecordCodec.encode(message);
        withRecord(out.key(), out.headers(), assertions);
    }

    private static boolean matches(RecordFields fields, String selector) {
        try {
            return Selector.parse(selector).matches(fields);
        } catch (Exception e) {
            throw new AssertionError(selector, e);
        }
    }

    @Test
    void aMessageGivesTheBrokerItsFields() {
        withMessage(full().build(), (view, fields) -> {
            assertEquals(Origin.JMS, fields.origin());
            assertEquals(7, fields.priority());
            assertEquals(1_800_000_000_000L, fields.expirationMs());
            assertEquals(1_700_000_000_500L, fields.deliveryTimeMs());
            assertEquals(JmsRecord.NON_PERSISTENT, fields.deliveryMode());
            assertEquals(new UUID(3, 4), fields.clientIncarnation());
            assertEquals("group", fields.groupId());
        });
    }

    @Test
    void selectorsSeeAStringWithUnpairedSurrogatesAsItWasSent() {
        // Jakarta Messaging 3.1, section 3.8.1: the values that a receiver sees.
        String text = "\ud800?\udc00";
        JmsRecord message = full().type(text)
                .correlationId(text)
                .groupId(text)
                .property("string", text)
                .build();

        withMessage(message, (view, fields) -> {
            for (String name : List.of("JMSType", "JMSCorrelationID", "JMSXGroupID", "string")) {
                assertEquals(text, fields.get(name), name);
            }
            assertEquals(text, fields.groupId());
        });
    }

    @Test
    void selectorsSeeHeaderFieldsAndPropertiesInTheirTypes() {
        // Jakarta Messaging 3.1, sections 3.8.1.1 and 3.8.1.3.
        withMessage(full().build(), (view, fields) -> {
            assertEquals("NON_PERSISTENT", fields.get("JMSDeliveryMode"));
            assertEquals(7, fields.get("JMSPriority"));
            assertEquals(1_700_000_000_000L, fields.get("JMSTimestamp"));
            assertEquals("ID:1-2-3", fields.get("JMSMessageID"));
            assertEquals("corr", fields.get("JMSCorrelationID"));
            assertEquals("order", fields.get("JMSType"));
            assertEquals("group", fields.get("JMSXGroupID"));
            for (String name : List.of("bool", "byte", "short", "int", "long", "float", "double", "string", "jms")) {
                assertEquals(full().build().properties().get(name), fields.get(name), name);
                assertEquals(fields.get(name), fields.get(name), name + " again");
            }
            assertNull(fields.get("none"));
            assertNull(fields.get("absent"));
            assertTrue(matches(
                    fields,
                    "JMSType = 'order' AND bool AND byte + short = 1 AND long < -9223372036854775807 AND float = 1.5"
                            + " AND double BETWEEN 2 AND 3 AND string = '\u00fc' AND none IS NULL"));
            assertFalse(matches(fields, "int = '3' OR string = 3"));
        });
    }

    @Test
    void aMessageWhoseIdWasSwitchedOffHasNone() {
        withMessage(JmsRecord.builder().build(), (view, fields) -> assertNull(fields.get("JMSMessageID")));
    }

    @Test
    void aKafkaProducersRecordHasStringPropertiesAndTheUsualFields() {
        // docs/interop.md
        List<RecordHeader> headers = List.of(
                RecordHeader.of("good", "first"),
                RecordHeader.of("good", "5"),
                new RecordHeader("good", NOT_UTF8),
                RecordHeader.of("a-b", "x"),
                RecordHeader.of("and", "reserved"),
                RecordHeader.of("JMSXDeliveryCount", "9"),
                new RecordHeader("binary", NOT_UTF8),
                new RecordHeader("none", null));
        withRecord("k".getBytes(UTF_8), headers, (view, fields) -> {
            assertEquals(Origin.KAFKA, fields.origin());
            assertEquals("5", fields.get("good"));
            for (String name : List.of("a-b", "and", "JMSXDeliveryCount", "binary", "none", "jms")) {
                assertNull(fields.get(name), name);
            }
            assertEquals("k", fields.get("JMSXGroupID"));
            assertTrue(matches(
                    fields,
                    "good = '5' AND JMSPriority = 4 AND JMSDeliveryMode = 'PERSISTENT' AND JMSType IS NULL"
                            + " AND JMSCorrelationID IS NULL AND JMSMessageID = 'ID:orders-2-0'"));
            assertEquals(0, fields.expirationMs());
            assertEquals(0, fields.deliveryTimeMs());
            assertNull(fields.clientIncarnation());
        });
        withRecord(NOT_UTF8, headers, (view, fields) -> assertNull(fields.groupId()));
    }

    @Test
    void damagedHeadersNeverFailAndSaySo() {
        withRecord(null, List.of(RecordHeader.of("p", "v"), RecordHeader.of("jms", "nonsense")), (view, fields) -> {
            assertEquals(Origin.DAMAGED, fields.origin());
            assertEquals(4, fields.priority());
            assertTrue(matches(fields, "p = 'v'"));
        });
    }

    @Test
    void saysTheSameAsFullDecodingForRandomHeaders() {
        long seed = System.nanoTime();
        System.out.println("RecordFieldsTest seed " + seed);
        Random random = new Random(seed);
        List<String> names = List.of("a", "int", "long", "bool", "jms", "JMSXa", "a-b", "or", "none", "content_type");
        for (int round = 0; round < 5_000; round++) {
            String hint = "seed " + seed + ", round " + round;
            withRecord(randomKey(random), randomHeaders(random, names), (view, fields) -> {
                JmsRecord decoded = JmsRecordCodec.decode(view, BodyType.TEXT);
                assertEquals(decoded.origin(), fields.origin(), hint);
                assertEquals(decoded.priority(), fields.priority(), hint);
                assertEquals(decoded.expirationMs(), fields.expirationMs(), hint);
                assertEquals(decoded.deliveryTimeMs(), fields.deliveryTimeMs(), hint);
                assertEquals(decoded.deliveryMode(), fields.deliveryMode(), hint);
                assertEquals(decoded.clientIncarnation(), fields.clientIncarnation(), hint);
                assertEquals(decoded.groupId(), fields.groupId(), hint);
                assertEquals(decoded.correlationId(), fields.get("JMSCorrelationID"), hint);
                assertEquals(decoded.type(), fields.get("JMSType"), hint);
                for (String name : names) {
                    assertEquals(decoded.properties().get(name), fields.get(name), hint + ", " + name);
                }
            });
        }
    }

    private static byte[] randomKey(Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> null;
            case 1 -> NOT_UTF8;
            default -> "key".getBytes(UTF_8);
        };
    }

    private static List<RecordHeader> randomHeaders(Random random, List<String> names) {
        List<RecordHeader> headers = new ArrayList<>();
        if (random.nextInt(4) != 0) {
            headers.addAll(JmsRecordCodec.encode(full().build()).headers());
        }
        for (int i = random.nextInt(6); i > 0; i--) {
            byte[] value = switch (random.nextInt(5)) {
                case 0 -> null;
                case 1 -> NOT_UTF8;
                case 2 -> "true".getBytes(UTF_8);
                default -> String.valueOf(random.nextInt(1_000)).getBytes(UTF_8);
            };
            headers.add(new RecordHeader(names.get(random.nextInt(names.size())), value));
        }
        if (random.nextBoolean()) {
            Collections.shuffle(headers, random);
        }
        if (random.nextInt(3) == 0 && !headers.isEmpty()) {
            RecordHeader last = headers.get(headers.size() - 1);
            if (last.key().equals("jms") && last.value() != null && last.value().length > 0) {
                byte[] flipped = last.value().clone();
                flipped[random.nextInt(flipped.length)] = (byte) random.nextInt();
                headers.set(headers.size() - 1, new RecordHeader("jms", flipped));
            }
        }
        return headers;
    }
}
