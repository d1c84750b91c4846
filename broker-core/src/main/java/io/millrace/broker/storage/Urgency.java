// SPDX-License-Identifier: Apache-2.0
package io.millrace.broker.storage;

/** Whether somebody waits for an append to be durable. */
public enum Urgency {
    /** It becomes durable as soon as the store can. */
    AWAITED,
    /**
     * It is written at once, so that it survives the death of the process, and becomes durable with the next append that
     * is awaited, or a few milliseconds later: it costs no sync of its own.
     */
    UNAWAITED
}
