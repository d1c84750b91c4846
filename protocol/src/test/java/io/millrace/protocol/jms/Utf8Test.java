// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class Utf8Test {
    private static final String[] PARTS = {
        "a",
        "?",
        "\0",
        "\u00fc",
        "\u0800",
        "\ud7ff",
        "\ue000",
        "\ufffd",
        "\ud83d\ude00",
        "\ud800",
        "\udbff",
        "\udc00",
        "\udfff"
    };

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "plain?", "Zo\u00eb \u20ac \ufffd", "\ud83d\ude00\ud7ff\ue000"})
    void textThatUtf8CanHoldIsUtf8(String text) {
        assertArrayEquals(text.getBytes(UTF_8), Utf8.encode(text));
    }

    @Test
    void anUnpairedSurrogateIsTheThreeBytesOfItsCodePoint() {
        byte[] encoded = Utf8.encode("a\ud800b\udfff");

        assertArrayEquals(bytes('a', 0xed, 0xa0, 0x80, 'b', 0xed, 0xbf, 0xbf), encoded);
    }

    @Test
    void everyStringComesBackAsItWas() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder text = new StringBuilder();
            for (int parts = random.nextInt(8); parts > 0; parts--) {
                text.append(PARTS[random.nextInt(PARTS.length)]);
            }

            byte[] encoded = Utf8.encode(text.toString());

            assertEquals(text.toString(), Utf8.text(encoded), "seed " + seed);
            assertEquals(text.toString(), Utf8.decodeSent(encoded), "seed " + seed);
        }
    }

    @Test
    void whatIsNoTextEvenSoIsToldOrReplacedAsUsual() {
        for (byte[] noText : new byte[][] {
            bytes(0xc3, 0x28), bytes(0xed, 0xa0), bytes(0xed, 0xa0, 0x80, 0xff), bytes(0xff, 0xed, 0xa0, 0x80)
        }) {
            assertNull(Utf8.decodeSent(noText));
            assertEquals(new String(noText, UTF_8), Utf8.text(noText));
        }
    }

    @Test
    void ofOthersASurrogateIsNoText() {
        assertNull(Utf8.decode(bytes(0xed, 0xa0, 0x80)));
    }
}
