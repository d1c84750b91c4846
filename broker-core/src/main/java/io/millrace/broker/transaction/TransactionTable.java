// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

import io.netty.buffer.ByteBuf;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The transactions of a {@link TransactionShard}, by transactional id, as its records make them. Owner loop only. */
final class TransactionTable {
    private final Map<String, Transaction> transactions = new HashMap<>();
    private final Set<String> waiting = new HashSet<>();

    @Nullable
    Transaction find(String id) {
        return transactions.get(id);
    }

    /** Whether nothing has happened to the transaction since. */
    boolean isStill(Transaction state) {
        return state.equals(transactions.get(state.id()));
    }

    List<Transaction> all() {
        return List.copyOf(transactions.values());
    }

    /** A producer id is being fetched for the transactional id: nothing else may change it meanwhile. */
    void await(String id) {
        waiting.add(id);
    }

    void waitNoMore(String id) {
        waiting.remove(id);
    }

    boolean isWaiting(String id) {
        return waiting.contains(id);
    }

    void replay(ByteBuf record) {
        TransactionRecordCodec.Decoded decoded = TransactionRecordCodec.decode(record);
        Transaction state = decoded.state();
        if (state == null) {
            transactions.remove(decoded.transactionalId());
        } else {
            transactions.put(state.id(), state);
        }
    }

    void clear() {
        transactions.clear();
    }
}
