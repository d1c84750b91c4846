// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.UUID;

/**
 * A wish for records of one share-partition.
 *
 * @param groupId the share group
 * @param member who shall hold them
 * @param maxRecords the most records, at least 1
 * @param maxBytes the most bytes; one batch is given however large it is
 * @param batchSize the most offsets in one range of the answer, unless one batch has more
 * @param strict whether {@code maxRecords} holds to the record ({@code record_limit}), else the last batch is given
 *     whole ({@code batch_optimized})
 */
public record ShareFetch(String groupId, UUID member, int maxRecords, int maxBytes, int batchSize, boolean strict) {}
