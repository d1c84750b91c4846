// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.delivery;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a named subscription was made with, beside its topic.
 *
 * @param key its name and kind
 * @param selector the message selector, or {@code null}
 * @param noLocal whether it hides what its client id sent
 * @param generation rises each time a subscription of this name is made: where two are found, the higher one counts
 */
record SubscriptionSpec(GroupKey key, @Nullable String selector, boolean noLocal, long generation) {

    /** Whether a consumer that asks for {@code other} may use this one. */
    boolean isMadeAs(SubscriptionSpec other) {
        return key.equals(other.key) && Objects.equals(selector, other.selector) && noLocal == other.noLocal;
    }

    SubscriptionSpec withGeneration(long newGeneration) {
        return new SubscriptionSpec(key, selector, noLocal, newGeneration);
    }
}
