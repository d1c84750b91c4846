// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.millrace.protocol.jms.JmsRecord.Origin;
import io.millrace.protocol.record.RecordHeader;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignRecordTest {
    private static final byte[] NOT_UTF8 = {(byte) 0xc3, 0x28};

    @ParameterizedTest
    @CsvSource({
        "text/plain, BYTES, TEXT",
        "text/xml; charset=utf-8, BYTES, TEXT",
        "Application/JSON, BYTES, TEXT",
        "application/octet-stream, TEXT, BYTES",
        "image/png, TEXT, TEXT",
        "image/png, BYTES, BYTES"
    })
    void contentTypeDecidesElseTheDefault(String contentType, BodyType foreignType, BodyType expected) {
        JmsRecord message = Records.decode(
                5, null, "x".getBytes(UTF_8), List.of(RecordHeader.of("content-type", contentType)), foreignType);

        assertEquals(expected, message.bodyType());
        assertEquals(Origin.KAFKA, message.origin());
        assertEquals(5, message.timestampMs());
    }

    @Test
    void textThatIsNotUtf8IsBytes() {
        JmsRecord message = Records.decode(
                5, null, NOT_UTF8, List.of(RecordHeader.of("content-type", "text/plain")), BodyType.TEXT);

        assertEquals(BodyType.BYTES, message.bodyType());
        assertArrayEquals(NOT_UTF8, message.body());
    }

    @Test
    void headersBecomeStringPropertiesWhereTheyCan() {
        List<RecordHeader> headers = List.of(
                RecordHeader.of("good", "1"),
                RecordHeader.of("good", "2"),
                RecordHeader.of("with-dash", "x"),
                RecordHeader.of("and", "reserved"),
                RecordHeader.of("JMSXDeliveryCount", "9"),
                RecordHeader.of("", "empty"),
                new RecordHeader("binary", NOT_UTF8));

        JmsRecord message = Records.decode(5, null, null, headers, BodyType.TEXT);

        assertEquals(Map.of("good", "2"), message.properties());
    }

    @Test
    void keyIsTheGroupIdWhenItIsText() {
        JmsRecord text = Records.decode(5, "k".getBytes(UTF_8), null, List.of(), BodyType.TEXT);
        JmsRecord binary = Records.decode(5, NOT_UTF8, null, List.of(), BodyType.TEXT);

        assertEquals("k", text.groupId());
        assertNull(binary.groupId());
    }

    @Test
    void recordWithoutValueHasNoBody() {
        JmsRecord message = Records.decode(5, null, null, List.of(), BodyType.TEXT);

        assertEquals(BodyType.TEXT, message.bodyType());
        assertNull(message.text());
    }
}
