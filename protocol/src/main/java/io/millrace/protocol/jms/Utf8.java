// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.jspecify.annotations.Nullable;

/** Text in records. */
final class Utf8 {
    private Utf8() {}

    /** The text, or {@code null} when the bytes are not valid UTF-8: nothing is ever replaced silently. */
    static @Nullable String decode(byte[] bytes) {
        if (isAscii(bytes)) {
            return new String(bytes, ISO_8859_1); // by far the most frequent case, and the cheapest
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
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
