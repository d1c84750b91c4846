// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the field types of {@link GroupRecordCodec}. */
record FieldWriter(ByteBuf buffer) {

    void int32(int value) {
        buffer.writeInt(value);
    }

    void int64(long value) {
        buffer.writeLong(value);
    }

    void uuid(UUID value) {
        buffer.writeLong(value.getMostSignificantBits());
        buffer.writeLong(value.getLeastSignificantBits());
    }

    void string(String value) {
        bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    void nullableString(@Nullable String value) {
        if (value == null) {
            int32(-1);
        } else {
            string(value);
        }
    }

    void bytes(byte[] value) {
        int32(value.length);
        buffer.writeBytes(value);
    }
}
