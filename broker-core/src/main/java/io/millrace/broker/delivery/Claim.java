// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.List;

/**
 * Offsets that were taken for a consumer and are to be read.
 *
 * @param holder who they were taken for
 * @param lease the number of this acquisition
 * @param spans the offsets in delivery order (returned ones, then new ones), never empty; not each offset has a record
 */
record Claim(Holder holder, long lease, List<RangeMap.Span<Returned>> spans) {
    Claim {
        spans = List.copyOf(spans);
    }

    long count() {
        return spans.stream().mapToLong(RangeMap.Span::count).sum();
    }
}
