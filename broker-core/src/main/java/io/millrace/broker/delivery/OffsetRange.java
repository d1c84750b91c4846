// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/** Offsets from {@code first} to {@code last}, both inclusive. */
record OffsetRange(long first, long last) {
    OffsetRange {
        if (first < 0 || last < first) {
            throw new IllegalArgumentException("offsets " + first + " to " + last + " are not a range");
        }
    }

    long count() {
        return last - first + 1;
    }
}
