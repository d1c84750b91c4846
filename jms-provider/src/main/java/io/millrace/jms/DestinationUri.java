// SPDX-License-Identifier: Apache-2.0
package io.millrace.jms;

import io.millrace.protocol.message.DestinationKind;
import io.millrace.protocol.message.Subscribe;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Millrace's own syntax of a destination's name, beside the plain name (Jakarta Messaging 3.1, section 6.2.3 leaves it to
 * the provider):
 *
 * <pre>
 * queue:///NAME
 * topic:///NAME[?from=earliest|latest|TIME|DURATION]
 * </pre>
 *
 * TIME is an instant as ISO 8601 writes it, with {@code Z} or an offset; DURATION, like {@code PT2H}, is so long before the
 * subscription is made. {@code from} says where a new subscription starts;
 * one that exists goes on where it was.
 *
 * @param name the name of the log
 * @param from as written, or {@code null}
 */
record DestinationUri(String name, @Nullable String from) {
    static final String EARLIEST = "earliest";
    static final String LATEST = "latest";

    /**
     * Reads a plain name or a URI.
     *
     * @throws IllegalArgumentException when it is a URI of another kind, or cannot be read
     */
    static DestinationUri parse(DestinationKind kind, String text) {
        String scheme = scheme(kind);
        if (!text.startsWith(scheme)) {
            if (text.contains("://")) {
                throw new IllegalArgumentException("\"" + text + "\" is not the name of a "
                        + kind.name().toLowerCase(Locale.ROOT) + "; write " + scheme + "NAME, or the plain name");
            }
            return new DestinationUri(text, null);
        }
        String rest = text.substring(scheme.length());
        int query = rest.indexOf('?');
        if (query < 0) {
            return new DestinationUri(decoded(text, rest), null);
        }
        String from = null;
        for (String option : rest.substring(query + 1).split("&", -1)) {
            if (!option.startsWith("from=") || kind != DestinationKind.TOPIC || from != null) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" has the option \"" + option
                                + "\"; a topic may have one, from=earliest, from=latest, from=TIME or from=DURATION, a queue none");
            }
            from = checked(decoded(text, option.substring("from=".length())));
        }
        return new DestinationUri(decoded(text, rest.substring(0, query)), from);
    }

    static String scheme(DestinationKind kind) {
        return kind == DestinationKind.QUEUE ? "queue:///" : "topic:///";
    }

    /** The plus sign stands for itself: it is in times. */
    private static String decoded(String text, String part) {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not URL-encoded: \"" + part + "\"", e);
        }
    }

    /** Returns {@code from} when it can be read. */
    static String checked(String from) {
        startAtMs(from, 0);
        return from;
    }

    /**
     * See {@link Subscribe#startAtMs()}.
     *
     * @param nowMs when the subscription is made, milliseconds since the epoch
     */
    static long startAtMs(@Nullable String from, long nowMs) {
        if (from == null || from.equals(LATEST)) {
            return Subscribe.AT_DEFAULT;
        } else if (from.equals(EARLIEST)) {
            return Subscribe.AT_EARLIEST;
        }
        try {
            return Math.max(0, from.startsWith("P") ? before(nowMs, Duration.parse(from)) : time(from));
        } catch (DateTimeException | ArithmeticException e) {
            throw new IllegalArgumentException(
                    "from=\"" + from + "\" is neither earliest nor latest, nor a time like 2026-11-26T08:00:00Z, nor a"
                            + " duration like PT2H",
                    e);
        }
    }

    private static long time(String text) {
        return OffsetDateTime.parse(text).toInstant().toEpochMilli();
    }

    private static long before(long nowMs, Duration duration) {
        if (duration.isNegative()) {
            throw new DateTimeException("It lies ahead");
        }
        return Math.subtractExact(nowMs, duration.toMillis());
    }
}
