// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.torture;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.apache.kafka.common.TopicPartition;

/**
 * Values that tell who sent them and can be made again: {@code sender int32 | position int32 | bytes}, the bytes and their
 * number drawn from seed, sender, partition and position. Those of bundles are readable text.
 */
final class Payloads {
    private static final int HEADER = 8;
    private static final int FEW_SYMBOLS = 0x1f;
    private static final int RARELY = 50;
    private static final int LARGE = 30_000;
    private static final int SMALL = 1_500;
    private static final String BUNDLE = "bundle ";

    private final long seed;

    Payloads(long seed) {
        this.seed = seed;
    }

    byte[] value(Sender sender, TopicPartition partition, int position) {
        return value(sender.number(), partition, position);
    }

    private byte[] value(int sender, TopicPartition partition, int position) {
        Random random = new Random(seed + partition.hashCode() * 31L + sender * 1_000_003L + position * 7_919L);
        int size = random.nextInt(random.nextInt(RARELY) == 0 ? LARGE : SMALL);
        byte[] bytes = new byte[HEADER + size];
        random.nextBytes(bytes);
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] &= FEW_SYMBOLS;
        }
        ByteBuffer.wrap(bytes).putInt(sender).putInt(position);
        return bytes;
    }

    static String bundle(Sender sender, int position) {
        return BUNDLE + sender.number() + " " + position;
    }

    Found found(TopicPartition partition, long offset, byte[] value) {
        String text = new String(value, StandardCharsets.ISO_8859_1);
        if (text.startsWith(BUNDLE)) {
            String[] numbers = text.substring(BUNDLE.length()).split(" ", -1);
            return new Found(offset, Integer.parseInt(numbers[0]), Integer.parseInt(numbers[1]), true);
        }
        if (value.length < HEADER) {
            return new Found(offset, -1, -1, false);
        }
        ByteBuffer header = ByteBuffer.wrap(value);
        int sender = header.getInt();
        int position = header.getInt();
        return new Found(offset, sender, position, Arrays.equals(value, value(sender, partition, position)));
    }
}
