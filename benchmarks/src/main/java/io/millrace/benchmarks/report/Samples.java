// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.report;

import java.util.Arrays;

/** What the rounds of one measurement gave. For one thread. */
public final class Samples {
    private double[] values = {};

    public void add(double value) {
        values = Arrays.copyOf(values, values.length + 1);
        values[values.length - 1] = value;
    }

    public boolean isEmpty() {
        return values.length == 0;
    }

    /** The middle one, or the mean of the two in the middle; NaN without any. */
    public double median() {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    public double min() {
        return Arrays.stream(values).min().orElse(Double.NaN);
    }

    public double max() {
        return Arrays.stream(values).max().orElse(Double.NaN);
    }

    /** The median with the least and the largest in brackets. */
    public String format() {
        return values.length < 2
                ? Numbers.format(median())
                : "%s (%s to %s)".formatted(Numbers.format(median()), Numbers.format(min()), Numbers.format(max()));
    }
}
