// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import java.util.List;

/**
 * A producer's aborted transaction in a partition: its batches from the first offset to the marker are for nobody who
 * reads committed records only.
 *
 * @param producerId whose it was
 * @param firstOffset of its first batch; of what a reader asked about, where only that was looked at
 * @param lastOffset of the marker
 */
public record AbortedTransaction(long producerId, long firstOffset, long lastOffset) {

    /** Whether a transactional batch belongs to one of {@code transactions}. */
    public static boolean anyCovers(List<AbortedTransaction> transactions, long producerId, long baseOffset) {
        for (AbortedTransaction transaction : transactions) {
            if (transaction.producerId == producerId
                    && transaction.firstOffset <= baseOffset
                    && baseOffset <= transaction.lastOffset) {
                return true;
            }
        }
        return false;
    }
}
