// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.partition;

import io.millrace.protocol.record.BatchHeader;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The aborted transactions among some batches, for who reads committed records only and looks at many batches. Safe for
 * any thread; immutable.
 */
public final class AbortedTransactions {
    /** Nothing was aborted. */
    public static final AbortedTransactions NONE = new AbortedTransactions(List.of());

    private final Map<Long, List<AbortedTransaction>> byProducer;

    private AbortedTransactions(List<AbortedTransaction> transactions) {
        Map<Long, List<AbortedTransaction>> map = new HashMap<>();
        for (AbortedTransaction transaction : transactions) {
            map.merge(transaction.producerId(), List.of(transaction), AbortedTransactions::joined);
        }
        byProducer = Map.copyOf(map);
    }

    private static List<AbortedTransaction> joined(List<AbortedTransaction> some, List<AbortedTransaction> more) {
        List<AbortedTransaction> all = new ArrayList<>(some);
        all.addAll(more);
        return all;
    }

    public static AbortedTransactions of(List<AbortedTransaction> transactions) {
        return transactions.isEmpty() ? NONE : new AbortedTransactions(transactions);
    }

    /** Whether the batch at {@code index} holds records of an aborted transaction. */
    public boolean covers(ByteBuf batches, int index) {
        if (byProducer.isEmpty() || !BatchHeader.isTransactional(batches, index)) {
            return false;
        }
        long producerId = BatchHeader.producerId(batches, index);
        return AbortedTransaction.anyCovers(
                byProducer.getOrDefault(producerId, List.of()), producerId, BatchHeader.baseOffset(batches, index));
    }
}
