// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A header of a record. The value is shared, not copied: do not change it. */
public final class RecordHeader {
    private final String key;
    private final byte @Nullable [] value;

    public RecordHeader(String key, byte @Nullable [] value) {
        this.key = Objects.requireNonNull(key, "key");
        this.value = value;
    }

    public static RecordHeader of(String key, String value) {
        return new RecordHeader(key, value.getBytes(UTF_8));
    }

    public String key() {
        return key;
    }

    public byte @Nullable [] value() {
        return value;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof RecordHeader header && key.equals(header.key) && Arrays.equals(value, header.value);
    }

    @Override
    public int hashCode() {
        return 31 * key.hashCode() + Arrays.hashCode(value);
    }

    @Override
    public String toString() {
        return key + "=" + (value == null ? "null" : value.length + " bytes");
    }
}
