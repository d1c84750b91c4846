// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.report;

import java.util.Locale;

/** Numbers as the tables print them: about three figures that mean something. */
public final class Numbers {
    private Numbers() {}

    public static String format(double value) {
        double size = Math.abs(value);
        if (Double.isNaN(value)) {
            return "-";
        } else if (size >= 10_000) {
            return String.format(Locale.ROOT, "%,d k", Math.round(value / 1000)).replace(',', ' ');
        } else if (size >= 100) {
            return String.format(Locale.ROOT, "%.0f", value);
        } else if (size >= 10) {
            return String.format(Locale.ROOT, "%.1f", value);
        }
        return String.format(Locale.ROOT, "%.2f", value);
    }
}
