// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** What a broker can do beyond the base; the client refuses loudly what a server does not announce. */
public enum Feature {
    /** {@link Commit} with sends and acknowledgements. */
    LOCAL_TRANSACTIONS,
    SELECTORS,
    /** Durable and shared subscriptions, noLocal, {@link Unsubscribe}, {@link Disconnect}. */
    DURABLE_SUBSCRIPTIONS,
    DELIVERY_DELAY,
    /** {@link Prepare}, {@link EndBranch} and {@link ListBranches}. */
    XA,
    /** {@link BeginBundle}, {@link AskDecision} and {@link EndBundle}. */
    COORDINATED_TRANSACTIONS,
    /** {@link Spill}. */
    LARGE_TRANSACTIONS,
    /** {@link CreateTemporary} and {@link DeleteTemporary}. */
    TEMPORARY_DESTINATIONS,
    /** {@link Browse}. */
    BROWSERS
}
