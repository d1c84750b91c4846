// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

/**
 * Where a share group stands on a partition.
 *
 * @param startOffset the first offset that the group has not finished with; -1 where it never read
 * @param leaderEpoch the partition's leader epoch
 * @param lag records that the group has not finished with; -1 where it never read
 */
public record ShareOffset(long startOffset, int leaderEpoch, long lag) {}
