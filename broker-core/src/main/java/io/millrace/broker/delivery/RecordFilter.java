// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import io.millrace.protocol.jms.RecordFields;
import io.millrace.protocol.message.ErrorCode;
import io.millrace.protocol.selector.InvalidSelectorException;
import io.millrace.protocol.selector.Selector;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A compiled {@link ConsumerFilter}. Immutable; any thread. */
final class RecordFilter {
    private final @Nullable Selector selector;
    private final @Nullable UUID notFrom;

    private RecordFilter(@Nullable Selector selector, @Nullable UUID notFrom) {
        this.selector = selector;
        this.notFrom = notFrom;
    }

    /** Fails with {@code INVALID_SELECTOR} when the selector is not well formed. */
    static RecordFilter of(ConsumerFilter filter) {
        String text = filter.selector();
        try {
            return new RecordFilter(text == null || text.isBlank() ? null : Selector.parse(text), filter.notFrom());
        } catch (InvalidSelectorException malformed) {
            throw new DeliveryException(ErrorCode.INVALID_SELECTOR, String.valueOf(malformed.getMessage()));
        }
    }

    /** Fails with {@code INVALID_SELECTOR} when the selector is not well formed. */
    static void check(ConsumerFilter filter) {
        var unused = of(filter);
    }

    boolean matchesAll() {
        return selector == null && notFrom == null;
    }

    boolean matches(RecordFields fields) {
        return (notFrom == null || !notFrom.equals(fields.clientIncarnation()))
                && (selector == null || selector.matches(fields));
    }
}
