// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.UUID;

/**
 * A partition by its topic's id, so that a topic made again under the old name starts without offsets.
 *
 * @param topicId the topic's id
 * @param partition the partition index, from 0
 */
public record OffsetKey(UUID topicId, int partition) {}
