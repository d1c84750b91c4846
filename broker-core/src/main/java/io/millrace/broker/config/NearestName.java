// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.config;

import java.util.Collection;
import java.util.Comparator;

/** Finds what a person who mistyped a name may have meant. */
final class NearestName {
    private NearestName() {}

    /** The name with the fewest edits from {@code mistyped}; the first in the alphabet of several. */
    static String of(String mistyped, Collection<String> names) {
        return names.stream()
                .min(Comparator.<String>comparingInt(name -> distance(mistyped, name))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
    }

    /** Levenshtein's distance: single characters inserted, removed or replaced. */
    static int distance(String a, String b) {
        int[] previous = new int[b.length() + 1];
        for (int j = 0; j <= b.length(); j++) {
            previous[j] = j;
        }
        for (int i = 1; i <= a.length(); i++) {
            int[] row = new int[b.length() + 1];
            row[0] = i;
            for (int j = 1; j <= b.length(); j++) {
                int replaced = previous[j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                row[j] = Math.min(replaced, Math.min(previous[j], row[j - 1]) + 1);
            }
            previous = row;
        }
        return previous[b.length()];
    }
}
