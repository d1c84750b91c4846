// SPDX-License-Identifier: Apache-2.0
package io.millrace.benchmarks.load;

import java.time.Duration;

/**
 * How long and how much. All loads of one run share it.
 *
 * @param rounds measured rounds of each server; one before them is thrown away
 * @param window how long a round measures
 * @param ramp how long a round runs before it measures
 * @param largeLogBytes the log of 1 KiB records that is read from its start
 * @param smallLogBytes the log of 100 B records that is read from its start
 * @param recoveryBytes the logs that a killed server comes back with
 * @param waitingMessages messages that wait in the largest JMS backlog; the other JMS loads take shares of it
 * @param starts starts of each server, and kills in the recovery load
 */
public record Scale(
        int rounds,
        Duration window,
        Duration ramp,
        long largeLogBytes,
        long smallLogBytes,
        long recoveryBytes,
        long waitingMessages,
        int starts) {
    private static final long GB = 1_000_000_000L;

    /** Everything once and short: does the harness work? */
    public static Scale quick() {
        return new Scale(1, Duration.ofSeconds(2), Duration.ofSeconds(1), GB / 5, GB / 10, GB / 2, 100_000, 2);
    }

    /** The whole table in at most 20 minutes on two cores. */
    public static Scale standard() {
        return new Scale(3, Duration.ofSeconds(4), Duration.ofSeconds(1), 5 * GB, GB, 10 * GB, 10_000_000, 5);
    }

    /** For figures with less noise. */
    public static Scale full() {
        return new Scale(5, Duration.ofSeconds(10), Duration.ofSeconds(2), 5 * GB, 5 * GB, 10 * GB, 10_000_000, 9);
    }

    public Scale withRounds(int number) {
        return new Scale(number, window, ramp, largeLogBytes, smallLogBytes, recoveryBytes, waitingMessages, starts);
    }

    public Scale withWindow(Duration time) {
        return new Scale(rounds, time, ramp, largeLogBytes, smallLogBytes, recoveryBytes, waitingMessages, starts);
    }

    /** @param share of all the amounts of data, 1 for as they are */
    public Scale withData(double share) {
        return new Scale(
                rounds,
                window,
                ramp,
                (long) (largeLogBytes * share),
                (long) (smallLogBytes * share),
                (long) (recoveryBytes * share),
                (long) (waitingMessages * share),
                starts);
    }
}
