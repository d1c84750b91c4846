// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.millrace.protocol.record.RecordHeader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The bodies of map and stream messages in a record (docs/interop.md). */
class StructuredBodyTest {

    private static Map<String, Object> everyType() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("bool", true);
        values.put("byte", Byte.MIN_VALUE);
        values.put("short", Short.MAX_VALUE);
        values.put("char", '\u017c');
        values.put("quote", '"');
        values.put("loneSurrogate", '\uD800');
        values.put("int", Integer.MIN_VALUE);
        values.put("smallLong", 5L);
        values.put("maxLong", Long.MAX_VALUE);
        values.put("minLong", Long.MIN_VALUE);
        values.put("float", 1.1f);
        values.put("minFloat", Float.MIN_VALUE);
        values.put("double", 1e300);
        values.put("wholeDouble", 3.0);
        values.put("minusZero", -0.0);
        values.put("nan", Double.NaN);
        values.put("infinity", Double.NEGATIVE_INFINITY);
        values.put("floatNan", Float.NaN);
        values.put("text", "Zo\u00eb \"\\\u0000\u001f\n\r\t\u2028 \uD83D\uDE00 \uDC00\uD800");
        values.put("empty", "");
        values.put("none", null);
        values.put("key \"\\\n\u00e9", 1);
        return values;
    }

    @Test
    void everyTypeOfAMapSurvives() {
        Map<String, Object> values = everyType();
        values.put("bytes", new byte[] {0, -1, 127});

        Map<String, Object> received = Records.roundTrip(
                        JmsRecord.builder().map(values).build(), BodyType.BYTES)
                .map();

        assertArrayEquals(new byte[] {0, -1, 127}, assertInstanceOf(byte[].class, received.get("bytes")));
        Map<String, Object> others = new LinkedHashMap<>(received);
        others.remove("bytes");
        assertEquals(everyType(), others);
        assertEquals(List.copyOf(values.keySet()), List.copyOf(received.keySet()), "the order, too");
    }

    @Test
    void everyTypeOfAStreamSurvives() {
        List<Object> values = new ArrayList<>(everyType().values());

        JmsRecord received =
                Records.roundTrip(JmsRecord.builder().stream(values).build(), BodyType.BYTES);

        assertEquals(BodyType.STREAM, received.bodyType());
        assertEquals(values, received.stream());
    }

    @Test
    void emptyBodiesSurvive() {
        assertEquals(
                Map.of(),
                Records.roundTrip(JmsRecord.builder().map(Map.of()).build(), BodyType.BYTES)
                        .map());
        JmsRecord stream =
                Records.roundTrip(JmsRecord.builder().stream(List.of()).build(), BodyType.BYTES);
        assertEquals(BodyType.STREAM, stream.bodyType());
        assertEquals(List.of(), stream.stream());
    }

    @Test
    void aKafkaConsumerSeesJson() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("item", "hops");
        map.put("count", 3L);
        map.put("price", 1.5);
        map.put("paid", true);
        map.put("photo", new byte[] {1, 2, 3});
        map.put("grade", 'a');
        map.put("note", null);

        assertEquals(
                "{\"item\":\"hops\",\"count\":3,\"price\":1.5,\"paid\":true,\"photo\":\"AQID\",\"grade\":\"a\","
                        + "\"note\":null}",
                new String(JmsRecord.builder().map(map).build().body(), UTF_8));
        assertEquals(
                "[\"a\\\"b\",1,null]",
                new String(
                        JmsRecord.builder().stream(Arrays.asList("a\"b", (short) 1, null))
                                .build()
                                .body(),
                        UTF_8));
    }

    @Test
    void otherTypesAreRefused() {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> JmsRecord.builder().map(Map.of("a", List.of())));

        assertEquals(true, e.getMessage().contains("cannot hold a java.util"), e.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "5 | java.lang.Integer",
                "-2147483648 | java.lang.Integer",
                "2147483648 | java.lang.Long",
                "5.0 | java.lang.Double",
                "5e0 | java.lang.Double",
                "true | java.lang.Boolean",
                "\"5\" | java.lang.String",
                "9223372036854775808 | java.lang.String",
                "{\"a\":[1,\"]}\"]} | java.lang.String"
            })
    void aKafkaProducersMapHasTheTypesOfItsJson(String value, String type) {
        JmsRecord received = Records.decode(
                5,
                null,
                (" { \"v\" : " + value + " } ").getBytes(UTF_8),
                List.of(RecordHeader.of("content-type", "application/x-jms-map+json")),
                BodyType.TEXT);

        assertEquals(type, received.map().get("v").getClass().getName());
        assertEquals(
                value.replace("\"5\"", "5").replace("5e0", "5.0"),
                received.map().get("v").toString());
    }

    @Test
    void aKafkaProducersStreamAndObjectAreTaken() {
        JmsRecord stream = Records.decode(
                5,
                null,
                "[1,null]".getBytes(UTF_8),
                List.of(RecordHeader.of("content-type", "application/x-jms-stream+json")),
                BodyType.TEXT);
        JmsRecord object = Records.decode(
                5,
                null,
                new byte[] {1},
                List.of(RecordHeader.of("content-type", "application/x-java-serialized-object")),
                BodyType.TEXT);

        assertEquals(Arrays.asList(1, null), stream.stream());
        assertEquals(BodyType.OBJECT, object.bodyType());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "5",
                "{}x",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"\":1}",
                "{\"a\":01}",
                "{\"a\":1.}",
                "{\"a\":.5}",
                "{\"a\":+1}",
                "{\"a\":NaN}",
                "{\"a\":nul}",
                "{\"a\":\"b}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":\"\n\"}",
                "{\"a\":[}",
                "{\"a\":{]}",
                "{\"a\":1 \"b\":2}"
            })
    void whatIsNoJsonObjectIsDeliveredAsTheBytesItIs(String value) {
        byte[] jms = lastHeader(JmsRecord.builder().map(Map.of("a", 1L)).build());

        JmsRecord received =
                Records.decode(5, null, value.getBytes(UTF_8), List.of(new RecordHeader("jms", jms)), BodyType.TEXT);

        assertEquals(BodyType.BYTES, received.bodyType());
        assertArrayEquals(value.getBytes(UTF_8), received.body());
        assertEquals(Map.of(), received.map());
    }

    @Test
    void whatWasChangedOnTheWayIsWhatTheJsonSays() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("long", 1L);
        values.put("bytes", new byte[1]);
        values.put("char", 'c');
        values.put("byte", (byte) 1);
        byte[] jms = lastHeader(JmsRecord.builder().map(values).build());

        JmsRecord received = Records.decode(
                5,
                null,
                "{\"long\":\"x\",\"bytes\":\"%\",\"char\":\"cd\",\"byte\":1000,\"more\":true}".getBytes(UTF_8),
                List.of(new RecordHeader("jms", jms)),
                BodyType.TEXT);

        assertEquals(Map.of("long", "x", "bytes", "%", "char", "cd", "byte", 1000, "more", true), received.map());
    }

    @Test
    void randomBodiesNeverFail() {
        long seed = System.nanoTime();
        System.out.println("StructuredBodyTest seed " + seed);
        Random random = new Random(seed);
        JmsRecord record = JmsRecord.builder().map(everyType()).build();
        byte[] jms = lastHeader(record);
        for (int round = 0; round < 3_000; round++) {
            byte[] body = record.body().clone();
            for (int flips = random.nextInt(4); flips >= 0; flips--) {
                body[random.nextInt(body.length)] = (byte) "{}[]\",:\\0".charAt(random.nextInt(9));
            }
            try {
                JmsRecord received =
                        Records.decode(5, null, body, List.of(new RecordHeader("jms", jms)), BodyType.TEXT);
                assertArrayEquals(body, received.body());
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    private static byte[] lastHeader(JmsRecord message) {
        List<RecordHeader> headers = JmsRecordCodec.encode(message).headers();
        return headers.get(headers.size() - 1).value();
    }
}
