// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.record;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.Locale;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.SimpleRecord;

/** Batches as Kafka's own classes make them. */
final class KafkaBatches {
    private KafkaBatches() {}

    static Compression compression(CompressionCodec codec) {
        return Compression.of(CompressionType.forName(codec.name().toLowerCase(Locale.ROOT)))
                .build();
    }

    /** A direct buffer, with bytes before the batch, so that indexes matter. */
    static ByteBuf buffer(MemoryRecords records) {
        ByteBuf buffer = Unpooled.directBuffer();
        buffer.writeZero(7).writeBytes(records.buffer().duplicate());
        return buffer.skipBytes(7);
    }

    static SimpleRecord[] randomRecords(Random random, int count) {
        SimpleRecord[] records = new SimpleRecord[count];
        for (int i = 0; i < count; i++) {
            records[i] = new SimpleRecord(
                    1_700_000_000_000L + random.nextInt(1000) - 500,
                    random.nextInt(4) == 0 ? null : bytes(random, random.nextInt(20)),
                    random.nextInt(6) == 0 ? null : bytes(random, random.nextInt(3000)),
                    headers(random));
        }
        return records;
    }

    private static Header[] headers(Random random) {
        Header[] headers = new Header[random.nextInt(4)];
        for (int i = 0; i < headers.length; i++) {
            headers[i] = new org.apache.kafka.common.header.internals.RecordHeader(
                    "h\u00fc" + i, random.nextInt(4) == 0 ? null : bytes(random, random.nextInt(10)));
        }
        return headers;
    }

    private static byte[] bytes(Random random, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) random.nextInt(8);
        }
        return bytes;
    }
}
