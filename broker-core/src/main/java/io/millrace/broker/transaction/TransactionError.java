// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.transaction;

/** What can go wrong with a transaction; {@code request} translates each to the Kafka error code of the same name. */
public enum TransactionError {
    NONE,
    /** The transaction's partition is being recovered; the client tries again. */
    COORDINATOR_LOAD_IN_PROGRESS,
    /** The transaction's partition cannot be served now; the client looks the coordinator up again. */
    COORDINATOR_NOT_AVAILABLE,
    /** Another broker owns the transaction's partition. */
    NOT_COORDINATOR,
    INVALID_REQUEST,
    INVALID_TRANSACTION_TIMEOUT,
    /** The transactional id is unknown or belongs to another producer id. */
    INVALID_PRODUCER_ID_MAPPING,
    /** Another producer with the same transactional id, or the coordinator itself, has raised the epoch. */
    PRODUCER_FENCED,
    /** The transaction before is still being completed; the client tries again. */
    CONCURRENT_TRANSACTIONS,
    /** The transaction is not where the request takes it to be. */
    INVALID_TXN_STATE,
    /** As {@link #INVALID_TXN_STATE}, of a batch: aborting the transaction mends it. */
    TRANSACTION_ABORTABLE,
    TRANSACTIONAL_ID_NOT_FOUND,
    /** One of several partitions was refused, so nothing was done about the others. */
    OPERATION_NOT_ATTEMPTED,
    UNKNOWN_TOPIC_OR_PARTITION,
    INVALID_REGULAR_EXPRESSION
}
