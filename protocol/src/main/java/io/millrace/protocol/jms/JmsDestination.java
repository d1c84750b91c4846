// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.message.DestinationKind;

/**
 * A queue or topic as a message names it.
 *
 * @param kind queue or topic
 * @param name the name of the log
 */
public record JmsDestination(DestinationKind kind, String name) {
    /** How the names of temporary destinations begin; no other destination can have such a name. */
    public static final String TEMPORARY_PREFIX = "__millrace.tmp.";

    /** Whether a name can only be a temporary destination's. */
    public static boolean isTemporary(String name) {
        return name.startsWith(TEMPORARY_PREFIX);
    }
}
