// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What became of a list of acknowledgements.
 *
 * @param refused positions of those that did not take effect, ascending
 * @param cause why the first of them did not; {@code null} when all did
 */
public record Settled(List<Integer> refused, @Nullable Throwable cause) {
    public Settled {
        refused = List.copyOf(refused);
    }
}
