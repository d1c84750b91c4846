// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/**
 * A range of records, acquired under one lease, and what becomes of them.
 *
 * @param consumerId the consumer that acquired them (it may be closed since: received records stay with the session)
 * @param partition the partition index
 * @param firstOffset first offset, inclusive
 * @param lastOffset last offset, inclusive; offsets inside the range that the lease does not hold are ignored
 * @param lease the lease number the records came with
 * @param type what becomes of them
 */
public record Acknowledgement(
        long consumerId, int partition, long firstOffset, long lastOffset, long lease, AckType type) {}
