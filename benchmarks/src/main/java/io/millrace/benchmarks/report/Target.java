// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.report;

import java.util.Locale;

/**
 * A limit that a figure is held to.
 *
 * @param atLeast whether the figure must be {@code limit} or more; else it must be below
 * @param limit the limit
 * @param unit what the limit counts; "x" for a ratio
 */
public record Target(boolean atLeast, double limit, String unit) {
    public static Target ratioAtLeast(double limit) {
        return new Target(true, limit, "x");
    }

    public static Target ratioBelow(double limit) {
        return new Target(false, limit, "x");
    }

    public static Target below(double limit, String unit) {
        return new Target(false, limit, unit);
    }

    public boolean isMet(double figure) {
        return atLeast ? figure >= limit : figure < limit;
    }

    @Override
    public String toString() {
        String number = String.format(Locale.ROOT, "%.2f", limit).replaceAll("\\.?0+$", "");
        return (atLeast ? ">= " : "< ") + number + ("x".equals(unit) ? "x" : " " + unit);
    }
}
