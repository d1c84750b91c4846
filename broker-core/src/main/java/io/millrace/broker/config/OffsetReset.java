// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/**
 * Where a group starts on a partition it has not read yet (Kafka's {@code share.auto.offset.reset}). Immutable.
 *
 * @param text as it is written: {@code earliest}, {@code latest} or {@code by_duration:} and an ISO-8601 duration
 * @param ago how long ago the first record was written; {@code null} for earliest and latest
 */
public record OffsetReset(String text, @Nullable Duration ago) {
    public static final OffsetReset EARLIEST = new OffsetReset("earliest", null);
    public static final OffsetReset LATEST = new OffsetReset("latest", null);

    private static final String BY_DURATION = "by_duration:";

    /** Throws {@link IllegalArgumentException} for what is none of the three. */
    static OffsetReset parse(String text) {
        if (text.equals(EARLIEST.text)) {
            return EARLIEST;
        } else if (text.equals(LATEST.text)) {
            return LATEST;
        } else if (!text.startsWith(BY_DURATION)) {
            throw new IllegalArgumentException("none of earliest, latest, by_duration:<duration>");
        }
        try {
            Duration ago = Duration.parse(text.substring(BY_DURATION.length()));
            if (ago.isNegative()) {
                throw new IllegalArgumentException("a negative duration");
            }
            return new OffsetReset(text, ago);
        } catch (DateTimeParseException e) {
            throw new IllegalArgumentException("no ISO-8601 duration", e);
        }
    }

    @Override
    public String toString() {
        return text;
    }
}
