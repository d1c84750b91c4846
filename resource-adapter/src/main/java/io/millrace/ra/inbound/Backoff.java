// SPDX-License-Identifier: Apache-2.0
package io.millrace.ra.inbound;

/**
 * A delay that doubles with each failure.
 *
 * @param firstMs after the first failure, milliseconds
 * @param maxMs the longest, milliseconds
 */
record Backoff(long firstMs, long maxMs) {
    private static final int MAX_DOUBLINGS = 20;

    /**
     * The delay after so many failures in a row, milliseconds.
     *
     * @param failures at least 1
     */
    long afterMs(int failures) {
        return Math.min(maxMs, firstMs << Math.min(Math.max(0, failures - 1), MAX_DOUBLINGS));
    }
}
