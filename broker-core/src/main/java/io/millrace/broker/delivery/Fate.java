// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/** What becomes of a record that goes back to its group. */
sealed interface Fate {
    /** It is available at once. */
    record Again() implements Fate {}

    /**
     * It is available later.
     *
     * @param atMs when, milliseconds since the epoch
     */
    record Later(long atMs) implements Fate {}

    /** It is delivered no more. */
    record Dead(Death.Reason reason) implements Fate {}

    Fate AGAIN = new Again();
}
