// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.quota;

import org.jspecify.annotations.Nullable;

/** What is limited; one limit is per broker. */
public enum QuotaKind {
    /** Record bytes written, per second. */
    PRODUCER_BYTE_RATE("producer_byte_rate", 1),
    /** Record bytes read, per second. */
    CONSUMER_BYTE_RATE("consumer_byte_rate", 1),
    /** Time on the network loops, percent of one loop; counted in nanoseconds. */
    REQUEST_PERCENTAGE("request_percentage", 1e7);

    private final String key;
    private final double unitsPerSecond;

    QuotaKind(String key, double unitsPerSecond) {
        this.key = key;
        this.unitsPerSecond = unitsPerSecond;
    }

    /** Kafka's name of it. */
    public String key() {
        return key;
    }

    /** What a quota of this value allows in a second, in the unit that is counted. */
    double perSecond(double value) {
        return value * unitsPerSecond;
    }

    /** The kind of this name, or {@code null}. */
    public static @Nullable QuotaKind forKey(String key) {
        for (QuotaKind kind : values()) {
            if (kind.key.equals(key)) {
                return kind;
            }
        }
        return null;
    }
}
