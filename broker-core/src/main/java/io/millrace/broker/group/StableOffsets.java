// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.group;

import java.util.Map;
import java.util.Set;

/**
 * How far a group has come.
 *
 * @param offsets what is committed
 * @param unstable the partitions of which an undecided transaction has a later offset (KIP-447)
 */
public record StableOffsets(Map<OffsetKey, CommittedOffset> offsets, Set<OffsetKey> unstable) {
    public StableOffsets {
        offsets = Map.copyOf(offsets);
        unstable = Set.copyOf(unstable);
    }
}
