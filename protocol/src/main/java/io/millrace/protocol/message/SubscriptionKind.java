// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.message;

/** What a JMS consumer reads through (Jakarta Messaging 3.1, sections 4.1 and 8.3). */
public enum SubscriptionKind {
    /** The one group of a queue; durable, starts at the earliest record. */
    QUEUE,
    /** Unshared non-durable: ends with its consumer, starts at the end of the log. */
    NON_DURABLE,
    /** Shared non-durable: ends with its last consumer. */
    SHARED_NON_DURABLE,
    /** Unshared durable. */
    DURABLE,
    /** Shared durable. */
    SHARED_DURABLE
}
