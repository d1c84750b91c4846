// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class TransactionIndexTest {
    private final TransactionIndex index = new TransactionIndex(2);

    @Test
    void aTransactionIsUndecidedUntilItsMarkerIsDurable() {
        index.onOpened(5);
        index.onEnded(1, 5, 10, true);
        index.onHighWatermark(10);
        assertEquals(5, index.firstUnstable());

        index.onHighWatermark(11);

        assertEquals(TransactionIndex.NONE, index.firstUnstable());
    }

    @Test
    void theEarliestUndecidedTransactionCounts() {
        index.onOpened(5);
        index.onOpened(7);
        index.onEnded(2, 7, 10, true);
        index.onHighWatermark(20);
        assertEquals(5, index.firstUnstable());

        index.onOpened(21);
        index.onEnded(1, 5, 22, false);
        index.onHighWatermark(23);

        assertEquals(21, index.firstUnstable());
    }

    @Test
    void abortedTransactionsAreFoundByAnyOffsetOfTheirs() {
        abort(1, 5, 10);

        AbortedTransaction aborted = new AbortedTransaction(1, 5, 10);
        assertEquals(List.of(aborted), index.aborted(10, 11));
        assertEquals(List.of(aborted), index.aborted(0, 6));
        assertEquals(List.of(), index.aborted(11, 100));
        assertEquals(List.of(), index.aborted(0, 5));
    }

    @Test
    void ofMoreThanItKeepsTheOldestGoAndItSaysFromWhereItIsComplete() {
        abort(1, 0, 1);
        abort(1, 2, 3);
        assertEquals(0, index.completeFrom());

        abort(1, 4, 5);

        assertEquals(2, index.completeFrom());
        assertEquals(2, index.aborted(0, 100).size());
    }

    private void abort(long producer, long first, long marker) {
        index.onOpened(first);
        index.onEnded(producer, first, marker, false);
        index.onHighWatermark(marker + 1);
    }
}
