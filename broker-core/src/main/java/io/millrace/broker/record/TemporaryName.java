// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.record;

import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of a temporary destination: {@code __millrace.tmp.<broker id>.<incarnation>.<number>}. It says which run of
 * which broker holds it, so that a stale one is known as such wherever it turns up.
 *
 * @param brokerId the broker that made it
 * @param incarnation the start of that broker's incarnation: 16 hexadecimal digits
 * @param number counts those of one run, from 1
 */
public record TemporaryName(int brokerId, String incarnation, long number) {
    private static final Pattern FORM = Pattern.compile(
            Pattern.quote(ReservedNames.TEMPORARY_PREFIX) + "(\\d{1,9})\\.([0-9a-f]{16})\\.(\\d{1,18})");

    /** How names show a broker's incarnation. */
    public static String incarnation(UUID brokerIncarnation) {
        return String.format("%016x", brokerIncarnation.getMostSignificantBits());
    }

    /** The parts of a name, or {@code null} when it is none of a temporary destination. */
    public static @Nullable TemporaryName parse(String name) {
        Matcher matcher = FORM.matcher(name);
        return matcher.matches()
                ? new TemporaryName(
                        Integer.parseInt(matcher.group(1)), matcher.group(2), Long.parseLong(matcher.group(3)))
                : null;
    }

    @Override
    public String toString() {
        return ReservedNames.TEMPORARY_PREFIX + brokerId + "." + incarnation + "." + number;
    }
}
