// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/**
 * Text in records: UTF-8. A Java String may hold an unpaired surrogate, for which UTF-8 has no form; what a JMS client
 * sends holds it as the three bytes that its code point would have, so that a JMS client receives the String that was
 * sent (Jakarta Messaging 3.1, section 3.11.4). No state; safe for any thread.
 */
public final class Utf8 {
    /** The first byte of the three; in UTF-8 the second is below {@link #SECOND_OF_SURROGATE} then. */
    private static final byte FIRST_OF_SURROGATE = (byte) 0xED;

    private static final int SECOND_OF_SURROGATE = 0xA0;
    private static final int SURROGATE_BYTES = 3;
    private static final char REPLACEMENT = '\uFFFD';

    private Utf8() {}

    /** The bytes of a text that a JMS client sends. */
    public static byte[] encode(String text) {
        int unpaired = nextUnpaired(text, 0);
        return unpaired < 0 ? text.getBytes(UTF_8) : encode(text, unpaired);
    }

    private static byte[] encode(String text, int firstUnpaired) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(text.length() + 2 * SURROGATE_BYTES);
        int from = 0;
        for (int at = firstUnpaired; at >= 0; at = nextUnpaired(text, from)) {
            bytes.writeBytes(text.substring(from, at).getBytes(UTF_8));
            char surrogate = text.charAt(at);
            bytes.write(0xE0 | (surrogate >> 12));
            bytes.write(0x80 | ((surrogate >> 6) & 0x3F));
            bytes.write(0x80 | (surrogate & 0x3F));
            from = at + 1;
        }
        bytes.writeBytes(text.substring(from).getBytes(UTF_8));
        return bytes.toByteArray();
    }

    /** Whether UTF-8 itself has a form for all of a text: names, which others read as well, must have one. */
    public static boolean canHold(String text) {
        return nextUnpaired(text, 0) < 0;
    }

    private static int nextUnpaired(String text, int from) {
        for (int i = from; i < text.length(); i++) {
            char c = text.charAt(i);
            if (Character.isSurrogate(c)) {
                boolean paired = Character.isHighSurrogate(c)
                        && i + 1 < text.length()
                        && Character.isLowSurrogate(text.charAt(i + 1));
                if (!paired) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }

    /** The text that {@link #encode} made these bytes of; of other bytes, what is not UTF-8 becomes U+FFFD. */
    public static String text(byte[] bytes) {
        String text = new String(bytes, UTF_8);
        if (isWhole(text)) {
            return text;
        }
        String sent = decodeSent(bytes);
        return sent == null ? text : sent;
    }

    /** Whether nothing was replaced when it was decoded; {@code false} also for a text that says U+FFFD itself. */
    static boolean isWhole(String decoded) {
        return decoded.indexOf(REPLACEMENT) < 0;
    }

    /** The text that {@link #encode} made these bytes of, or {@code null} when it cannot have made them. */
    public static @Nullable String decodeSent(byte[] bytes) {
        String text = decode(bytes);
        if (text != null || nextSurrogate(bytes, 0) < 0) {
            return text;
        }
        StringBuilder sent = new StringBuilder(bytes.length);
        int from = 0;
        for (int at = nextSurrogate(bytes, 0); at >= 0; at = nextSurrogate(bytes, from)) {
            if (!append(sent, bytes, from, at)) {
                return null;
            }
            sent.append((char) (0xD000 | ((bytes[at + 1] & 0x3F) << 6) | (bytes[at + 2] & 0x3F)));
            from = at + SURROGATE_BYTES;
        }
        return append(sent, bytes, from, bytes.length) ? sent.toString() : null;
    }

    private static int nextSurrogate(byte[] bytes, int from) {
        for (int i = from; i <= bytes.length - SURROGATE_BYTES; i++) {
            if (bytes[i] == FIRST_OF_SURROGATE
                    && (bytes[i + 1] & 0xE0) == SECOND_OF_SURROGATE
                    && (bytes[i + 2] & 0xC0) == 0x80) {
                return i;
            }
        }
        return -1;
    }

    private static boolean append(StringBuilder text, byte[] bytes, int from, int to) {
        String part = decode(ByteBuffer.wrap(bytes, from, to - from));
        if (part == null) {
            return false;
        }
        text.append(part);
        return true;
    }

    /** The text, or {@code null} when the bytes are not valid UTF-8: nothing is ever replaced silently. */
    static @Nullable String decode(byte[] bytes) {
        if (isAscii(bytes)) {
            return new String(bytes, ISO_8859_1); // by far the most frequent case, and the cheapest
        }
        return decode(ByteBuffer.wrap(bytes));
    }

    private static @Nullable String decode(ByteBuffer bytes) {
        try {
            return UTF_8.newDecoder().decode(bytes).toString();
        } catch (CharacterCodingException e) {
            return null;
        }
    }

    private static boolean isAscii(byte[] bytes) {
        for (byte b : bytes) {
            if (b < 0) {
                return false;
            }
        }
        return true;
    }
}
