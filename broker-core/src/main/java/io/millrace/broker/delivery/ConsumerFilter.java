// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which records of its group a consumer gets.
 *
 * @param selector a message selector, known to be well formed, or {@code null} for all
 * @param notFrom records sent with this client incarnation are hidden (noLocal); {@code null} hides none
 */
record ConsumerFilter(@Nullable String selector, @Nullable UUID notFrom) {
    static final ConsumerFilter NONE = new ConsumerFilter(null, null);
}
