// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.jms.Utf8;
import org.jspecify.annotations.Nullable;

/**
 * Which partition a message goes to: a session keeps to one of each destination, so that its order is kept; a
 * JMSXGroupID picks by key, exactly as Kafka's default partitioner does (murmur2 of the key).
 */
final class PartitionChooser {
    private PartitionChooser() {}

    static int choose(@Nullable String groupId, long sessionId, int partitions) {
        if (partitions == 1) {
            return 0;
        }
        int hash = groupId == null ? Long.hashCode(sessionId) : murmur2(Utf8.encode(groupId));
        return (hash & Integer.MAX_VALUE) % partitions;
    }

    /** Murmur2 by Austin Appleby (public domain), with the seed that Kafka uses. */
    static int murmur2(byte[] data) {
        int multiplier = 0x5bd1e995;
        int hash = 0x9747b28c ^ data.length;
        int whole = data.length & ~3;
        for (int i = 0; i < whole; i += 4) {
            int word = (data[i] & 0xff)
                    | ((data[i + 1] & 0xff) << 8)
                    | ((data[i + 2] & 0xff) << 16)
                    | ((data[i + 3] & 0xff) << 24);
            word *= multiplier;
            word ^= word >>> 24;
            word *= multiplier;
            hash = (hash * multiplier) ^ word;
        }
        if (whole < data.length) {
            for (int i = data.length - 1; i >= whole; i--) {
                hash ^= (data[i] & 0xff) << (8 * (i - whole));
            }
            hash *= multiplier;
        }
        hash ^= hash >>> 13;
        hash *= multiplier;
        return hash ^ (hash >>> 15);
    }
}
