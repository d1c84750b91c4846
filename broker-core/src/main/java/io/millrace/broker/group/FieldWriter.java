// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes the field types of coordinators' state records, see {@link GroupRecordCodec}. */
public record FieldWriter(ByteBuf buffer) {

    public void int32(int value) {
        buffer.writeInt(value);
    }

    public void int64(long value) {
        buffer.writeLong(value);
    }

    public void uuid(UUID value) {
        buffer.writeLong(value.getMostSignificantBits());
        buffer.writeLong(value.getLeastSignificantBits());
    }

    public void string(String value) {
        bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    public void nullableString(@Nullable String value) {
        if (value == null) {
            int32(-1);
        } else {
            string(value);
        }
    }

    public void bytes(byte[] value) {
        int32(value.length);
        buffer.writeBytes(value);
    }
}
