// SPDX-License-Identifier: Apache-2.0
package io.millrace.protocol.jms;

import io.millrace.protocol.message.DestinationKind;

/**
 * A queue or topic as a message names it.
 *
 * @param kind queue or topic
 * @param name the name of the log
 */
public record JmsDestination(DestinationKind kind, String name) {}
