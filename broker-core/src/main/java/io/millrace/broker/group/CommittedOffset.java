// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

/**
 * How far a group has come in a partition.
 *
 * @param offset the next offset to read
 * @param leaderEpoch the leader epoch of the last record read, or -1
 * @param metadata text of the client, often empty
 * @param commitTimestampMs when it was committed, milliseconds since the epoch
 */
public record CommittedOffset(long offset, int leaderEpoch, String metadata, long commitTimestampMs) {}
